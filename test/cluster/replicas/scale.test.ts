// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { expectNoLoss } from '../../../tools/traffic/expect.ts';
import { chainIsReady, firewallIsReady } from '../datapath/world.ts';
import { movedFlows, type Placements, readPlacements } from '../support/flows.ts';
import { type ChainBed, createChainBed } from './world.ts';

const MIDDLE = 1;
const LOAD = { connections: 200, newPerSecond: 100, datagramFlows: 4 };
/** Some 200 new flows, over which the instances share. */
const SHARE_MS = 2000;

describe('a firewall in the middle of a chain of three, under 200 connections and 100 new a second', () => {
  const namespace = useNamespace('scale');
  let bed: ChainBed;

  beforeAll(async () => {
    bed = await createChainBed(namespace);
  }, 240_000);

  /** How many flows each instance of the middle serves. */
  const shares = (placements: Placements): ReadonlyMap<number, number> => {
    const counts = new Map<number, number>();
    for (const hops of placements.values()) {
      const instance = hops[MIDDLE];
      if (instance !== undefined) counts.set(instance, (counts.get(instance) ?? 0) + 1);
    }
    return counts;
  };

  const settled = (replicas: number) =>
    eventually(
      `${replicas} instances of the middle, none more`,
      async () => {
        const pods = await list('pods', { namespace, selector: 'heddle.dev/function=firewall.middle' });
        return pods.length === replicas && (await bed.instances('middle')).length === replicas;
      },
      { timeoutMs: 60_000 },
    );

  test('scales from 1 to 3: no flow breaks or moves, and new flows spread', async () => {
    const traffic = await bed.startTraffic(LOAD);
    const before = await readPlacements(bed.pathId);
    await bed.scale('middle', 3);
    await firewallIsReady(namespace, 'middle');
    await chainIsReady(namespace, 'chain');
    await sleep(SHARE_MS);
    const now = await readPlacements(bed.pathId);
    const result = await traffic.end();
    const fresh = shares(new Map([...now].filter(([flow]) => !before.has(flow))));
    console.log('out', JSON.stringify({ ...result, before: [...shares(before)], fresh: [...fresh] }));
    expectNoLoss(result);
    expect(before.size).toBeGreaterThan(200);
    expect(movedFlows(before, now)).toEqual([]);
    expect(fresh.size).toBe(3);
  });

  test('scales from 3 to 1: no flow breaks, and none moves while its instance lives', async () => {
    const traffic = await bed.startTraffic(LOAD);
    const before = await readPlacements(bed.pathId);
    const ids = await bed.instances('middle');
    await bed.scale('middle', 1);
    // Those that go keep their flows meanwhile.
    await sleep(2000);
    const stillThere = new Set(await bed.instances('middle'));
    const draining = await readPlacements(bed.pathId);
    await settled(1);
    const [left] = await bed.instances('middle');
    await sleep(1000);
    const now = await readPlacements(bed.pathId);
    const result = await traffic.end();
    console.log(
      'in',
      JSON.stringify({ ...result, before: [...shares(before)], ids, stillThere: [...stillThere], left }),
    );
    expectNoLoss(result);
    expect(shares(before).size).toBe(3);
    expect(stillThere.size).toBe(3);
    // The look may have come late, when some were gone already.
    const there = new Set(await bed.instances('middle'));
    expect(movedFlows(before, draining, (instance) => !there.has(instance))).toEqual([]);
    expect(movedFlows(before, now, (instance) => ids.includes(instance) && instance !== left)).toEqual([]);
  });

  test('is replaced pod by pod: no flow breaks, and none moves while its instance lives', async () => {
    await bed.scale('middle', 2);
    await firewallIsReady(namespace, 'middle');
    await settled(2);
    const traffic = await bed.startTraffic(LOAD);
    const before = await readPlacements(bed.pathId);
    const old = await bed.instances('middle');
    await kubectl(['rollout', 'restart', 'deployment/heddle-firewall-middle'], { namespace });
    await kubectl(['rollout', 'status', 'deployment/heddle-firewall-middle', '--timeout=90s'], { namespace });
    await settled(2);
    const now = await readPlacements(bed.pathId);
    const result = await traffic.end();
    const ids = await bed.instances('middle');
    console.log(
      'roll',
      JSON.stringify({ ...result, old, ids, before: [...shares(before)], now: [...shares(now)] }),
    );
    expectNoLoss(result);
    expect(ids.filter((id) => old.includes(id))).toEqual([]);
    // Tables remember flows of instances that went long ago, whose ports come again.
    expect(movedFlows(before, now, (instance) => !ids.includes(instance))).toEqual([]);
  });
});
