// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bed, FAR, MEMBERS, NEAR } from './bed.ts';
import { Flows } from './flows.ts';

const LIMIT_MS = 300;
/** From when a node knows of a change until its kernel does, and answers that were under way have arrived. */
const SETTLE_MS = 100;
const EDGE = MEMBERS.map(({ name }) => name);

describe('a hop that has failed as a whole (security.md: pod-evades-down-chain)', () => {
  let bed: Bed;
  let flows: readonly Flows[];

  beforeAll(async () => {
    bed = await Bed.create();
    // A function each: an instance that a chain does not name any more keeps its flows as long as its pool has it.
    await bed.addMember({ name: 'here', node: 'one', function: 'here' });
    await bed.addMember({ name: 'across', node: 'two', function: 'across' });
    await bed.addMember({ name: 'shape', node: 'one', function: 'shape' });
    // To the other node over IPv4, on the same over IPv6; a packet counts when its echo came back too.
    const start = (address: string, firstPort: number) =>
      Flows.start({ from: bed.client, address, firstPort, count: 4 });
    flows = [await start(FAR, 20_000), await start(NEAR, 30_000)];
  }, 60_000);
  afterAll(async () => {
    for (const each of flows ?? []) each.stop();
    await bed?.close();
  });

  /** Packets that each flow lost while something was done, and in the time after it. */
  const lossesOf = async (work: () => Promise<unknown>, ms: number): Promise<readonly number[]> => {
    const since = await Promise.all(flows.map((each) => each.now()));
    await work();
    await sleep(ms);
    const losses = await Promise.all(flows.map((each, index) => each.losses(since[index]!)));
    return losses.flat().map(({ lost }) => lost * 10);
  };
  /** Takes an instance out, and waits until its node knows. */
  const failed = async (name: string, node: 'one' | 'two') => {
    await bed.block(name);
    await bed.waitForHealth(node, { down: [bed.idOf(name)] });
    await sleep(SETTLE_MS);
  };
  const mended = async (names: readonly string[]) => {
    for (const name of names) await bed.unblock(name);
    for (const node of ['one', 'two'] as const) await bed.waitForHealth(node, { down: [] });
    await sleep(SETTLE_MS);
  };
  const expectNothingLost = async () => expect(Math.max(...(await lossesOf(() => sleep(0), 300)))).toBe(0);
  const hopDown = async () => {
    const drops = await Promise.all((['one', 'two'] as const).map((node) => bed.world.drops(node)));
    return drops.reduce((sum, each) => sum + (each.hop_down ?? 0), 0);
  };
  const portsThrough = async (name: string) => [...(await bed.placements([name])).keys()].length;

  test.each([
    ['on the node of the client', 'here', 'one'],
    ['on another node', 'across', 'two'],
  ] as const)(
    'is skipped by both directions when onFailure is Open, and is back a second after it forwards again: %s',
    async (_, name, node) => {
      await bed.chain([{ instances: [name], onFailure: 'Open' }]);
      expect(await portsThrough(name)).toBe(8);
      const lost = await lossesOf(() => failed(name, node), 200);
      expect(Math.max(...lost)).toBeGreaterThan(0);
      expect(Math.max(...lost)).toBeLessThan(LIMIT_MS);
      expect(await portsThrough(name)).toBe(0);

      let took = 0;
      const lostByReturn = await lossesOf(async () => {
        await bed.unblock(name);
        took = await bed.waitForHealth(node, { down: [] });
      }, 100);
      expect(took).toBeGreaterThan(950);
      expect(took).toBeLessThan(1500);
      expect(Math.max(...lostByReturn)).toBe(0);
      expect(await portsThrough(name)).toBe(8);
    },
  );

  test.each([
    ['on the node of the client', 'here', 'one'],
    ['on another node', 'across', 'two'],
  ] as const)('drops when onFailure is Closed, with a reason of its own: %s', async (_, name, node) => {
    await bed.chain([{ instances: [name], onFailure: 'Closed' }]);
    await failed(name, node);
    const before = await hopDown();
    const lost = await lossesOf(() => sleep(0), 500);
    expect(Math.min(...lost)).toBeGreaterThan(400);
    expect((await hopDown()) - before).toBeGreaterThan(8 * 20);
    await mended([name]);
    await expectNothingLost();
  });

  test('does what its own onFailure says, whatever the other hops say', async () => {
    await bed.chain([
      { instances: ['a1', 'a2', 'b1'], onFailure: 'Closed' },
      { instances: ['shape'], onFailure: 'Open' },
    ]);
    expect(await portsThrough('shape')).toBe(8);
    expect(Math.max(...(await lossesOf(() => failed('shape', 'one'), 200)))).toBeLessThan(LIMIT_MS);
    expect(await portsThrough('shape')).toBe(0);
    expect((await bed.placements(EDGE)).size).toBe(8);
    await Promise.all(EDGE.map((name) => bed.block(name)));
    await bed.waitForHealth('two', { down: [bed.idOf('b1')] });
    await sleep(SETTLE_MS);
    expect(Math.min(...(await lossesOf(() => sleep(0), 500)))).toBeGreaterThan(300);
    await mended([...EDGE, 'shape']);
    await expectNothingLost();
    expect(await portsThrough('shape')).toBe(8);
  });

  test('an instance that its slice calls down takes nothing, also where its node is silent', async () => {
    await bed.chain([{ instances: [{ name: 'across', state: 'Down' }], onFailure: 'Open' }]);
    await sleep(SETTLE_MS);
    expect(await portsThrough('across')).toBe(0);
    await expectNothingLost();
  });
});
