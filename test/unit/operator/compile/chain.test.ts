// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';
import { expect, test } from 'vitest';
import { compileChain } from '../../../../operator/compile/chain/compile.ts';
import { observeChain } from '../../../../operator/controllers/chain/snapshot.ts';
import { observeChainStatus } from '../../../../operator/controllers/chain/status-facts.ts';
import { summarizeChain } from '../../../../operator/status/chain/summarize.ts';
import { readWorld } from '../read-world.ts';

/** Compiles the one chain of a golden input as its controller does. */
function compileGolden(name: string) {
  const stores = readWorld(new URL(`golden/${name}.input.yaml`, import.meta.url));
  const [key] = [...stores.serviceChains.keys()];
  const chain = stores.serviceChains.get(key!)!;
  const snapshot = observeChain(stores, key!, chain);
  const { network, vni } = snapshot;
  const pathId = chain.status?.pathId;
  const place = vni !== undefined && pathId !== undefined ? { network, vni, pathId } : undefined;
  const compiled = compileChain({ ...snapshot, place });
  const facts = observeChainStatus(stores, {
    snapshot,
    compiled,
    pathId,
    slices: compiled.slices,
    shadowedBy: undefined,
    exceeded: undefined,
  });
  const status = summarizeChain({
    facts,
    classifiedPorts: compiled.concerned.length,
    generation: chain.metadata.generation ?? 0,
    previous: undefined,
    now: new Date('2026-11-23T16:00:00Z'),
  });
  return { slices: compiled.slices, status };
}

test.each([
  ['two-firewalls', 'two firewalls between clients of two namespaces and web pods'],
  ['own-balancer', 'a load balancer alone, that its established flows go past'],
  ['nothing-there', 'a chain whose firewall is missing keeps the hop, and selects nobody'],
])('%s: %s', async (name) => {
  const { slices, status } = compileGolden(name);
  const text = [...slices, { status }].map((part) => dump(part, { lineWidth: 120 })).join('---\n');
  await expect(text).toMatchFileSnapshot(`golden/${name}.output.yaml`);
});
