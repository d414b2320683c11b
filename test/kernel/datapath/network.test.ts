// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VXLAN_PORT, World } from '../world/world.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;

describe('a network over two nodes', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two'], objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    await world.addPod({ name: 'a', node: 'one', network: 'shop', addresses: ['10.20.0.1', 'fd20::1'] });
    await world.addPod({ name: 'b', node: 'one', network: 'shop', addresses: ['10.20.0.2', 'fd20::2'] });
    await world.addPod({ name: 'c', node: 'two', network: 'shop', addresses: ['10.20.0.3', 'fd20::3'] });
  }, 60_000);
  afterAll(() => world?.close());

  test.each([
    ['on one node over IPv4', '10.20.0.2'],
    ['on one node over IPv6', 'fd20::2'],
    ['across nodes over IPv4', '10.20.0.3'],
    ['across nodes over IPv6', 'fd20::3'],
  ])('pods reach each other %s', async (_, address) => {
    const output = await world.exec('a', ['ping', '-c', '3', '-i', '0.05', '-W', '1', address]);
    expect(output).toContain('3 received');
  });

  test('what nodes carry for pods is no connection of theirs, also where the VXLAN device carries it', async () => {
    await world.restartAgent('two', { encapsulateBy: 'Device' });
    const count = `table inet seen {
      counter tracked { }
      counter untracked { }
      chain input {
        type filter hook input priority 0;
        udp dport ${VXLAN_PORT} ct state untracked counter name "untracked"
        udp dport ${VXLAN_PORT} ct state != untracked counter name "tracked"
      }
    }`;
    await world.exec('two', ['nft', '-f', '-'], count);
    await world.exec('a', ['ping', '-c', '5', '-i', '0.05', '-W', '1', '10.20.0.3']);
    const packets = (name: string) => world.packets('two', { table: 'seen', name });
    expect(await packets('untracked')).toBeGreaterThanOrEqual(5);
    expect(await packets('tracked')).toBe(0);
  });

  test('an address that nobody has gets no answer, and is counted', async () => {
    expect(await world.try('a', ['ping', '-c', '1', '-W', '1', '10.20.9.9'])).toBe(false);
    expect((await world.drops('one')).no_neighbour).toBeGreaterThan(0);
  });
});
