// SPDX-License-Identifier: Apache-2.0
import { FAMILIES } from '../../api/net/address.ts';
import { formatPrefix, type Prefix } from '../../api/net/prefix.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { dumpRules } from '../kernel/rtnetlink/rule.ts';
import {
  addUnreachable,
  deleteUnreachable,
  parseUnreachable,
  type UnreachableRule,
} from '../kernel/rtnetlink/unreachable.ts';
import { ROUTE_PROTOCOL } from './attachment/state.ts';

/** Behind the local table (at most 1), before all rules that lead to other tables. */
const PRIORITY = 70;

/**
 * Makes exactly these destinations unreachable in a pod's namespace, by rules: they hold whatever routes the pod's own
 * network has. With an empty list the fence is taken away.
 */
export async function applyFence(
  kernel: Kernel,
  { netnsPath: netns, prefixes }: { readonly netnsPath: string; readonly prefixes: readonly Prefix[] },
): Promise<void> {
  const answers = await kernel.netlink({ netns, messages: FAMILIES.map(dumpRules) });
  const found = answers
    .flat()
    .flatMap((message) => parseUnreachable(message) ?? [])
    .filter(({ priority, protocol }) => priority === PRIORITY && protocol === ROUTE_PROTOCOL);
  const wanted = prefixes.map(
    (destination): UnreachableRule => ({ destination, priority: PRIORITY, protocol: ROUTE_PROTOCOL }),
  );
  const messages = [
    ...without(wanted, found).map(addUnreachable),
    ...without(found, wanted).map(deleteUnreachable),
  ];
  if (messages.length > 0) await kernel.netlink({ netns, messages });
}

function without(rules: readonly UnreachableRule[], others: readonly UnreachableRule[]) {
  const known = new Set(others.map(({ destination }) => formatPrefix(destination)));
  return rules.filter(({ destination }) => !known.has(formatPrefix(destination)));
}
