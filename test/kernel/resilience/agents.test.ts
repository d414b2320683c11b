// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNoLoss } from '../../../tools/traffic/expect.ts';
import { movedFlows, NODES, type NodeName, ResilienceBed } from './bed.ts';

const AWAY_MS = 2000;
/** A minute in `npm run test:soak`. */
const FROZEN_MS = process.env.HEDDLE_SOAK === '1' ? 60_000 : 2500;
/** What the API says while an agent is away is in the kernel so soon after its return. */
const RETURN_MS = 2000;

describe('a chain of three functions while agents are away', () => {
  let bed: ResilienceBed;

  beforeAll(async () => {
    bed = await ResilienceBed.create();
  }, 90_000);
  afterAll(() => bed?.close());

  test('no flow notices that one agent after the other is killed, and comes again', async () => {
    const traffic = await bed.startTraffic();
    const before = await bed.placements();
    const late: number[] = [];
    for (const node of NODES) {
      await bed.world.endAgent(node, 'SIGKILL');
      const address = await bed.addPod(node === 'one' ? 'two' : 'one');
      await sleep(AWAY_MS);
      expect(await bed.reaches(node, address)).toBe(false);
      late.push(await bed.bringBack(node, address));
    }
    const now = await bed.placements();
    const result = await traffic.end();
    expectNoLoss(result);
    expect(before.size).toBeGreaterThan(100);
    expect(movedFlows(before, now)).toEqual([]);
    expect(Math.max(...late)).toBeLessThan(RETURN_MS);
  });

  test('no flow notices that all agents are told to end at once, and come again', async () => {
    const traffic = await bed.startTraffic();
    const before = await bed.placements();
    const addresses = new Map<NodeName, string>();
    for (const node of ['one', 'two'] as const) {
      await bed.world.endAgent(node, 'SIGTERM');
      // Its own node, the last one with an agent, has the pod; the others hear of it when they come.
      addresses.set(node, await bed.addPod('three'));
    }
    await bed.world.endAgent('three', 'SIGTERM');
    await sleep(AWAY_MS);
    await bed.world.startAgent('three');
    const late: number[] = [];
    for (const [node, address] of addresses) late.push(await bed.bringBack(node, address));
    const now = await bed.placements();
    const result = await traffic.end();
    expectNoLoss(result);
    expect(movedFlows(before, now)).toEqual([]);
    expect(Math.max(...late)).toBeLessThan(RETURN_MS);
  });

  test('no flow notices that all agents are frozen at once, and go on', {
    timeout: FROZEN_MS + 60_000,
  }, async () => {
    const traffic = await bed.startTraffic();
    const before = await bed.placements();
    for (const node of NODES) await bed.world.freezeAgent(node, 'frozen');
    await sleep(FROZEN_MS);
    await Promise.all(NODES.map((node) => bed.world.freezeAgent(node, 'running')));
    await sleep(1000);
    for (const node of NODES) {
      expect(await bed.world.health(node)).toMatchObject({ down: [], unreachable: [], failure: '' });
    }
    const now = await bed.placements();
    const result = await traffic.end();
    expectNoLoss(result);
    expect(movedFlows(before, now)).toEqual([]);
  });

  test('no flow notices that an instance goes before anybody else knows of it', async () => {
    const traffic = await bed.startTraffic({ datagramFlows: 12 });
    const before = await bed.placements();
    await bed.removeInstance('middle-three', 'three');
    await sleep(1000);
    const result = await traffic.end();
    const served = [...before.values()].filter((hops) => hops[1] === 5).length;
    expect(served).toBeGreaterThan(10);
    expectNoLoss(result);
  });
});
