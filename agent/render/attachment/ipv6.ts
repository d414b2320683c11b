// SPDX-License-Identifier: Apache-2.0
import { IPV6_LEAST_MTU } from '../../../api/net/mtu.ts';
import type { NodeFacts } from './types.ts';

/** Whether an interface has IPv6. With a smaller MTU the kernel gives it none, and no switches of IPv6 either. */
export function carriesIpv6(node: NodeFacts, mtu: number): boolean {
  return whyNoIpv6(node, mtu) === undefined;
}

/** Why an interface cannot have IPv6; undefined if it can. */
export function whyNoIpv6({ hasIpv6 }: NodeFacts, mtu: number): string | undefined {
  if (!hasIpv6) return 'this node has no IPv6';
  if (mtu < IPV6_LEAST_MTU) return `IPv6 needs an MTU of ${IPV6_LEAST_MTU}, and this one is ${mtu}`;
  return undefined;
}
