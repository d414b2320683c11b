// SPDX-License-Identifier: Apache-2.0
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
      })),
    )
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}
