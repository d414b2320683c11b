// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, expect, test } from 'vitest';
import { apiVersion, type ChainSlice, group, plurals } from '../../../api/index.ts';
import { apply, get, kubectl, list, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { skipWhere } from '../../support/needs.ts';
import { report, usePhantomNode } from '../network/phantom-node.ts';
import { isOurs } from '../resilience/nodes.ts';
import { chainWorldOf } from './world.ts';

// An upgrade from the release before (docs/api-versions.md), with a node whose agent is still of that release.

const SLICES = `${plurals.ChainSlice}.${group}`;
const REPORTS = `${plurals.NodeReport}.${group}`;

const node = usePhantomNode();
const world = chainWorldOf(useNamespace('former'), node);
const { system } = readTarget();
const key = `${world.namespace}/chain-0`;
const formerSlice = () => get<ChainSlice>(SLICES, 'chain-0', world.namespace);

/** Says what an agent of the release before would say of the slices in its kernel. */
async function reportFormer(generation: number | undefined): Promise<void> {
  const metadata = { name: node, namespace: system };
  await apply([{ apiVersion, kind: 'NodeReport', metadata }]);
  const patch = JSON.stringify({ status: { slices: { [key]: generation ?? 0 } } });
  await kubectl(['patch', REPORTS, node, '--subresource=status', '--type=merge', '-p', patch], {
    namespace: system,
  });
}

async function edit(priority: number): Promise<void> {
  const patch = JSON.stringify({ spec: { priority } });
  await kubectl(['patch', 'servicechain', 'chain', '--type=merge', '-p', patch], {
    namespace: world.namespace,
  });
}

/** The former slice, when it says the same as the current one and has this priority. */
function eventuallyBoth(priority: number): Promise<ChainSlice> {
  return eventually(`both groups have the chain with priority ${priority}`, async () => {
    const [current] = await world.slices('chain');
    const former = await formerSlice();
    expect(former.spec).toEqual(current?.spec);
    return former.spec.priority === priority && former;
  });
}

describe('while a node has an agent of the release before', () => {
  afterAll(async () => {
    await tryKubectl(['delete', REPORTS, node, '--ignore-not-found'], { namespace: system });
  });

  test('every change of a chain is written for it too, and what it reports counts', async () => {
    await reportFormer(undefined);
    await world.network('shop');
    await world.firewall('edge', { replicas: 0 });
    await world.pods('shop', { client: { role: 'client' } });
    await world.chain('chain', {
      network: 'shop',
      priority: 100,
      functions: [{ kind: 'Firewall', name: 'edge' }],
    });
    const first = await eventuallyBoth(100);
    await reportFormer(first.metadata.generation);
    await world.chainSays('chain', 'Programmed', 'True', 'NodesReported');

    await edit(200);
    const second = await eventuallyBoth(200);
    await world.chainSays('chain', 'Programmed', 'False', 'NodesBehind');
    await reportFormer(second.metadata.generation);
    await world.chainSays('chain', 'Programmed', 'True', 'NodesReported');
  });

  test('what its new agent reports counts in place of it', async () => {
    await report(node, {});
    await world.chainSays('chain', 'Programmed', 'False', 'NodesBehind');
    await world.programmed('chain');
    await edit(300);
    await eventuallyBoth(300);
  });

  test(
    'when the last former report is deleted, the former slices go, and no other',
    skipWhere(isOurs ? undefined : 'deletes reports, and another upgrade may be under way on this cluster'),
    async () => {
      await kubectl(['-n', system, 'delete', REPORTS, '--all']);
      await eventually('no former slice', async () => {
        return (await list(SLICES, { namespace: world.namespace })).length === 0;
      });
      await world.programmed('chain');
      await edit(400);
      await eventually('the current slice is edited', async () => {
        return (await world.slices('chain'))[0]?.spec.priority === 400;
      });
      expect(await list(SLICES, { namespace: world.namespace })).toEqual([]);
    },
  );
});
