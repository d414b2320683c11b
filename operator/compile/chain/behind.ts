// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../../api/net/address.ts';
import { formatPrefix, hostPrefix } from '../../../api/net/prefix.ts';
import { type Member, selectsMember } from './classifier.ts';
import type { HopFacts } from './hops.ts';
import type { End } from './types.ts';

/** A function of this kind sends flows to addresses that the chain's `to` does not name. */
const BALANCER = 'LoadBalancer';

/**
 * Where the load balancers of a chain send flows: their pods, ready or not, so that a pod is known before its first flow,
 * and the addresses in their specs. Undefined if the chain has no load balancer, or if the backends of one are not known:
 * then nodes do not check what leaves it. The same hops and members give the same result. Pure.
 */
export function resolveBehind(
  hops: readonly HopFacts[],
  { members, namespace }: { readonly members: readonly Member[]; readonly namespace: string },
): End | undefined {
  const balancers = hops.filter(({ ref }) => ref.kind === BALANCER);
  if (balancers.length === 0) return undefined;
  const addresses = new Set<string>();
  const listed = new Set<string>();
  for (const { found } of balancers) {
    if (!found) continue; // it does not exist, and has no instances
    if (!found.backends) return undefined;
    // As ranges: a listed address may be one of many behind a VPN, which no Port names.
    for (const address of found.backends.addresses)
      listed.add(formatPrefix(hostPrefix(parseAddress(address))));
    const { selected } = found.backends;
    if (!selected) continue;
    for (const member of members) {
      if (!selectsMember(selected, member, namespace)) continue;
      for (const address of member.addresses) addresses.add(address);
    }
  }
  const cidrs = [...listed].sort().map((cidr) => ({ cidr }));
  return keep({ any: false, cidrs, addresses: [...addresses].sort() }, members);
}

/** Returns the result before it for the same members if both say the same, since results computed from it are cached. */
function keep(end: End, members: readonly Member[]): End {
  const known = results.get(members) ?? new Map<string, End>();
  results.set(members, known);
  const key = JSON.stringify(end);
  const before = known.get(key);
  if (before) return before;
  if (known.size === MOST_RESULTS) known.clear();
  known.set(key, end);
  return end;
}

const results = new WeakMap<readonly Member[], Map<string, End>>();
const MOST_RESULTS = 64;
