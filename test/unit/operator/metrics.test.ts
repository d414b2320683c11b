// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { ChainSlice } from '../../../api/index.ts';
import { Registry } from '../../../kube/base/metrics.ts';
import { registerOperatorMetrics } from '../../../operator/metrics.ts';
import { createStores } from '../../../operator/observe/observation.ts';
import { chain } from '../cli/world.ts';

const slice = {
  apiVersion: 'internal.heddle.dev/v1alpha1',
  kind: 'ChainSlice',
  metadata: { namespace: 'shop', name: 'storefront-0', uid: 's' },
  spec: { chain: 'storefront', network: { namespace: 'shop', name: 'shop' } },
} as ChainSlice;

async function scrape(
  options: Parameters<typeof chain>[0],
  slices: readonly ChainSlice[],
): Promise<string[]> {
  const stores = createStores();
  stores.serviceChains.set(chain(options));
  stores.chainSlices.replace(slices);
  const registry = new Registry();
  registerOperatorMetrics(registry, { stores, isLeader: () => false });
  const page = await registry.metrics();
  return page.split('\n').filter((line) => line.startsWith('heddle_hop_'));
}

const hop = 'namespace="shop",chain="storefront",hop="Firewall/edge"';

test.each(['Closed', 'Open'] as const)(
  'a hop without instances has failed, with onFailure %s',
  async (onFailure) => {
    expect(await scrape({ ready: 0, state: 'Failed', onFailure }, [slice])).toEqual([
      `heddle_hop_failed{${hop},on_failure="${onFailure}"} 1`,
      `heddle_hop_ready_instances{${hop}} 0`,
      `heddle_hop_desired_instances{${hop}} 2`,
    ]);
  },
);

test('a hop that lacks some of its instances has not', async () => {
  expect(await scrape({ ready: 1, state: 'Degraded' }, [slice])).toContain(
    `heddle_hop_failed{${hop},on_failure="Closed"} 0`,
  );
});

test('nor has one of a chain that is not on the nodes: no flow reaches it', async () => {
  expect(await scrape({ ready: 0, state: 'Failed' }, [])).toContain(
    `heddle_hop_failed{${hop},on_failure="Closed"} 0`,
  );
});
