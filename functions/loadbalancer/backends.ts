// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancerAddress, LoadBalancerSpec } from '../../api/index.ts';
import { type Family, formatAddress, parseAddress } from '../../api/net/address.ts';
import type { BackendPod, SelectedPods } from '../../api/selected-pods.ts';
import { DEFAULT_WEIGHT } from '../../api/weight.ts';

/** A backend, as the spec or the operator names it. Its health is not part of it. */
export interface Backend {
  /** The address in canonical form: equal addresses are the same backend. */
  readonly address: string;
  readonly family: Family;
  /** `namespace/name`; undefined for a backend by address. */
  readonly pod: string | undefined;
  readonly weight: number;
  /** The pod terminates or is not ready: the backend keeps the flows that it has. */
  readonly draining: boolean;
  /** It drains only because its pod is not ready. */
  readonly unready: boolean;
  /** Nobody on the network has the address. */
  readonly unknown: boolean;
}

type Named = LoadBalancerAddress & Partial<Pick<BackendPod, 'pod' | 'draining' | 'unready'>>;

/** The backends of a spec, by address; undefined until the operator has listed the pods of its selectors. */
export function resolveBackends(
  spec: LoadBalancerSpec,
  selectedPods: SelectedPods | undefined,
): readonly Backend[] | undefined {
  const said: readonly Named[] | undefined = spec.backends.addresses ?? selectedPods?.backends;
  if (!said) return undefined;
  const unknown = new Set(selectedPods?.unknown);
  const backends = said.map(({ address, pod, weight = DEFAULT_WEIGHT, draining, unready }): Backend => {
    const parsed = parseAddress(address);
    return {
      address: formatAddress(parsed),
      family: parsed.family,
      pod,
      weight,
      draining: draining === true,
      unready: unready === true,
      unknown: unknown.has(address),
    };
  });
  return [...new Map(backends.map((each) => [each.address, each])).values()].sort(byAddress);
}

function byAddress(a: Backend, b: Backend): number {
  return a.address < b.address ? -1 : 1;
}
