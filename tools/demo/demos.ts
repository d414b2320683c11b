// SPDX-License-Identifier: Apache-2.0
import { missingOutside } from '../../test/cluster/vpn/outside.ts';
import { ensureSystemTools } from '../build/setup.ts';
import { applyExample, observeStorefront, namespace as storefront } from './example.ts';
import { applyFullChain, fullChain, fullChainDirections, proveFullChain } from './full-chain.ts';
import { prove } from './prove.ts';
import type { Proof } from './table.ts';

/** An example that the demo can show. */
export interface Demo {
  /** Its folder in `examples/`. */
  readonly name: string;
  readonly namespace: string;
  /** Makes sure that the machine has what the demo needs. */
  prepare?(): Promise<void>;
  apply(): Promise<void>;
  /** Proves the example with real traffic; `what` describes the traffic. */
  prove(): Promise<{ readonly what: string; readonly proofs: readonly Proof[] }>;
  /** Commands for a user who wants to see more. */
  lookAround(): Promise<readonly string[]>;
}

export const demos: Readonly<Record<string, Demo>> = {
  storefront: {
    name: 'storefront',
    namespace: storefront,
    apply: applyExample,
    prove: async () => {
      const seen = await observeStorefront();
      const what = `Real traffic from ${storefront}/${seen.client.metadata.name} to ${seen.address}`;
      return { what, proofs: await prove(seen) };
    },
    lookAround: async () => {
      const { address } = await observeStorefront();
      return [
        `kubectl -n ${storefront} get heddle`,
        `kubectl -n ${storefront} describe chain storefront`,
        `kubectl -n ${storefront} exec deploy/client -- wget -qO- http://${address}`,
      ];
    },
  },
  'full-chain': {
    name: 'full-chain',
    namespace: fullChain.namespace,
    // The laptop is a separate machine beside the cluster: a network namespace with standard tools.
    prepare: () => ensureSystemTools('vpn'),
    apply: () => applyFullChain(),
    prove: async () => {
      const missing = missingOutside();
      if (missing) {
        throw new Error(
          `There can be no laptop outside the cluster here (${missing}); the example runs, try it by hand.`,
        );
      }
      const what = `Real traffic from a laptop outside the cluster to ${fullChain.address}`;
      return { what, proofs: await proveFullChain() };
    },
    lookAround: async () => fullChainDirections(),
  },
};
