// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancerSpec } from '../../api/index.ts';
import { type Family, formatAddress, parseAddress } from '../../api/net/address.ts';
import type { BackendPod, SelectedPods } from '../../api/selected-pods.ts';

/** Somebody who answers, as the spec or the operator says; whether he is well is another question. */
export interface Backend {
  /** In its one canonical form: what is equal is the same backend. */
  readonly address: string;
  readonly family: Family;
  /** `namespace/name`; undefined of a backend by address. */
  readonly pod: string | undefined;
  readonly weight: number;
  /** It is about to end, or not ready: it keeps the flows that it has. */
  readonly draining: boolean;
}

/** The backends of a spec by address; undefined while the operator has not yet said which pods they are. */
export function resolveBackends(
  spec: LoadBalancerSpec,
  selectedPods: SelectedPods | undefined,
): readonly Backend[] | undefined {
  const said: readonly BackendPod[] | undefined = spec.backends.addresses ?? selectedPods?.backends;
  if (!said) return undefined;
  const backends = said.map(({ address, pod, weight, draining }): Backend => {
    const parsed = parseAddress(address);
    return {
      address: formatAddress(parsed),
      family: parsed.family,
      pod,
      weight,
      draining: draining === true,
    };
  });
  return [...new Map(backends.map((each) => [each.address, each])).values()].sort(byAddress);
}

function byAddress(a: Backend, b: Backend): number {
  return a.address < b.address ? -1 : 1;
}
