// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { World } from '../world/world.ts';
import { makeRelease, type OtherRelease, replaceInHeader } from './release.ts';

/** Of the map `addresses`: both networks fit with two pods each, and little more. */
const ENTRIES = 6;

describe('a node whose map of addresses is full', () => {
  let world: World;
  let small: OtherRelease;

  beforeAll(async () => {
    small = await makeRelease(replaceInHeader('struct host, 1048576,', `struct host, ${ENTRIES},`));
    world = await World.create({ nodes: ['one', 'two'], objectFile: small.objectFile });
    for (const [index, name] of ['red', 'blue'].entries()) {
      await world.addNetwork({ name, vni: 4097 + index, subnets: ['10.20.0.0/16'] });
      await addPod(name, 1, 'one');
      await addPod(name, 2, 'two');
    }
  }, 90_000);
  afterAll(async () => {
    await world?.close();
    await small?.remove();
  });

  const addPod = (network: string, index: number, node: string) =>
    world.addPod({ name: `${network}-${index}`, node, network, addresses: [`10.20.0.${index}`] });
  const reaches = (from: string, index: number) =>
    world.try(from, ['sh', '-c', `ip neigh flush dev net1; ping -c 1 -W 0.5 10.20.0.${index}`]);
  const refused = async (node: string) => (await world.command(node, { kind: 'refused' })) as object;

  test('says what it has no room for, and serves what it holds', async () => {
    await addPod('blue', 3, 'one');
    await addPod('blue', 4, 'two');
    expect(await refused('one')).toEqual({});
    // One too many for both nodes; the pod's own attachment fails, so it would not start.
    await expect(addPod('blue', 5, 'one')).rejects.toThrow('the map addresses has no room');
    expect(await refused('one')).toEqual({ 'VirtualNetwork test/blue': 'addresses' });
    for (const index of [2, 4]) expect(await reaches('blue-1', index)).toBe(true);
    expect(await reaches('red-1', 2)).toBe(true);
  });

  test('goes on with changes of other networks, and takes in what waited when there is room', async () => {
    await world.removePod('red-2');
    expect(await reaches('red-1', 2)).toBe(false);
    await world.publish();
    expect(await refused('one')).toEqual({});
    expect(await refused('two')).toEqual({});
    expect(await reaches('blue-1', 4)).toBe(true);
  });
});
