// SPDX-License-Identifier: Apache-2.0
import { tryParseAddress } from '../../../api/net/address.ts';
import { containsAddress, prefixesOf } from '../../../api/net/prefix.ts';
import type { BackendPod } from '../../../api/selected-pods.ts';
import { type Member, selectsMember } from '../chain/classifier.ts';
import type { BackendNeeds } from './needs.ts';

/** A pod on the network of a load balancer, as a possible backend. */
export interface Candidate {
  readonly member: Member;
  /** `namespace/name` */
  readonly pod: string;
  readonly weight: number;
  readonly ready: boolean;
  /** The pod is terminating. */
  readonly leaving: boolean;
}

/** Pure: the addresses that are not in `held`, the addresses and prefixes that somebody on the network has. */
export function compileUnknown(addresses: readonly string[], held: readonly string[]): readonly string[] {
  const known = new Set(held);
  const prefixes = prefixesOf(held.filter((each) => each.includes('/')));
  return addresses.filter((address) => {
    const parsed = tryParseAddress(address);
    return (
      parsed !== undefined &&
      !known.has(address) &&
      !prefixes.some((prefix) => containsAddress(prefix, parsed))
    );
  });
}

/**
 * The backends of a load balancer: the ready pods that it selects, and as draining those that are no longer ready and
 * keep their flows. A pod that was never ready is listed as draining too; it has no flows, so this has no effect.
 * Undefined when the spec lists addresses.
 */
export function compileBackends(
  { selected }: BackendNeeds,
  { candidates, namespace }: { readonly candidates: readonly Candidate[]; readonly namespace: string },
): readonly BackendPod[] | undefined {
  if (!selected) return undefined;
  return candidates
    .filter(({ member }) => selectsMember(selected, member, namespace))
    .flatMap(({ member, pod, weight, ready, leaving }) =>
      member.addresses.map((address) => ({
        address,
        pod,
        weight,
        ...((leaving || !ready) && { draining: true }),
        ...(!leaving && !ready && { unready: true }),
      })),
    )
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}
