// SPDX-License-Identifier: Apache-2.0
import type { BackendPod } from '../../../api/selected-pods.ts';
import { type Member, selectsMember } from '../chain/classifier.ts';
import type { BackendNeeds } from './needs.ts';

/** A pod on the network of a load balancer, as far as it matters to one that may send it flows. */
export interface Candidate {
  readonly member: Member;
  /** `namespace/name` */
  readonly pod: string;
  readonly weight: number;
  readonly ready: boolean;
  /** It is about to end. */
  readonly leaving: boolean;
}

/**
 * The backends of a load balancer: of the pods that it selects those that are ready, and those that were and keep what
 * they have. One that has never been ready is listed as draining too, which for a pod without flows is nothing. The
 * answer is undefined where the spec has addresses.
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
      })),
    )
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}
