// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectNoLoss } from '../../../tools/traffic/expect.ts';
import { movedFlows, NODES, ResilienceBed } from './bed.ts';
import { addField, makeRelease, type OtherRelease } from './release.ts';

const UPGRADE_MS = 120_000;

describe('an upgrade of the agents under a chain of three functions', () => {
  let bed: ResilienceBed;
  const releases: OtherRelease[] = [];

  const release = async (struct: string, field: string) => {
    const made = await makeRelease(addField(struct, field));
    releases.push(made);
    return made;
  };

  beforeAll(async () => {
    bed = await ResilienceBed.create();
  }, 90_000);
  afterAll(async () => {
    await bed?.close();
    for (const each of releases) await each.remove();
  });

  test('to maps of policy with another layout loses no packet, and flows keep their instances', {
    timeout: UPGRADE_MS,
  }, async () => {
    const next = await release('path', '__u32 since');
    const traffic = await bed.startTraffic();
    const before = await bed.placements();
    for (const node of NODES) await bed.world.restartAgent(node, next);
    const now = await bed.placements();
    // What comes with the next release works there.
    const address = await bed.addPod('two');
    expect(await bed.reaches('one', address)).toBe(true);
    const result = await traffic.end();
    expectNoLoss(result);
    expect(before.size).toBeGreaterThan(100);
    expect(movedFlows(before, now)).toEqual([]);
  });

  test('whose slices move to another group, object by object, loses no packet, and flows keep their instances', {
    timeout: UPGRADE_MS,
  }, async () => {
    const chain = bed.chain(bed.hops);
    await bed.world.setChains([{ ...chain, former: true }]);
    const traffic = await bed.startTraffic();
    const before = await bed.placements();
    // New agents come while the operator of the release before leads, then the next one leads, then the agents restart.
    for (const node of NODES) await bed.world.restartAgent(node);
    await bed.world.setChains([chain]);
    for (const node of NODES) await bed.world.restartAgent(node);
    // And back, as by a rollback.
    await bed.world.setChains([{ ...chain, former: true }]);
    await bed.world.setChains([chain]);
    const now = await bed.placements();
    const result = await traffic.end();
    expectNoLoss(result);
    expect(before.size).toBeGreaterThan(100);
    expect(movedFlows(before, now)).toEqual([]);
  });

  test('to a table of flows with another layout loses no packet, and back to the first', {
    timeout: UPGRADE_MS,
  }, async () => {
    const next = await release('flow', '__u32 since');
    const traffic = await bed.startTraffic();
    for (const node of NODES) await bed.world.restartAgent(node, next);
    for (const node of NODES) await bed.world.restartAgent(node);
    const result = await traffic.end();
    expectNoLoss(result);
  });
});
