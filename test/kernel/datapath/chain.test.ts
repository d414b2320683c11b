// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { World } from '../world/world.ts';
import { COUNT_DIRECTIONS } from './directions.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const CLIENT = '10.20.0.1';
const SERVER = '10.20.0.3';
const SERVER6 = 'fd20::3';

const REJECT_9999 = `
table inet deny {
  chain forward {
    type filter hook forward priority 1;
    tcp dport 9999 reject with tcp reset
  }
}`;

describe('a chain of three functions on three nodes', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two', 'three'], objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: [CLIENT, 'fd20::1'] });
    await world.addPod({ name: 'server', node: 'two', network: 'shop', addresses: [SERVER, SERVER6] });
    await world.addPod({
      name: 'other',
      node: 'three',
      network: 'shop',
      addresses: ['10.20.0.9', 'fd20::9'],
    });
    for (const [index, node] of ['two', 'three', 'one'].entries()) {
      await world.addInstance({ name: `f${index}`, node, id: index + 1 });
      await world.exec(`f${index}`, ['nft', '-f', '-'], COUNT_DIRECTIONS);
    }
    await world.setChains([
      {
        name: 'chain',
        network: 'shop',
        pathId: 7,
        from: { any: false, addresses: [CLIENT, 'fd20::1'] },
        to: { any: false, addresses: [SERVER, SERVER6] },
        hops: ['f0', 'f1', 'f2'],
      },
    ]);
  }, 90_000);
  afterAll(() => world?.close());

  const seen = async (name: string): Promise<{ forward: number; reply: number }> => {
    const output = JSON.parse(await world.exec(name, ['nft', '-j', 'list', 'counters'])) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    const packets = (counter: string) =>
      output.nftables.find((entry) => entry.counter?.name === counter)?.counter?.packets ?? 0;
    return { forward: packets('forward'), reply: packets('reply') };
  };

  test.each([
    ['IPv4', SERVER],
    ['IPv6', SERVER6],
  ])(
    'every packet of a flow goes through all functions, and its replies back through all, over %s',
    async (_, address) => {
      const before = await Promise.all(['f0', 'f1', 'f2'].map(seen));
      const output = await world.exec('client', ['ping', '-c', '5', '-i', '0.05', '-W', '1', address]);
      expect(output).toContain('5 received');
      const after = await Promise.all(['f0', 'f1', 'f2'].map(seen));
      for (const [index, { forward, reply }] of after.entries()) {
        expect(forward - before[index]!.forward).toBe(5);
        expect(reply - before[index]!.reply).toBe(5);
      }
    },
  );

  test('traceroute shows each function by a dummy address, and only to the one who asked', async () => {
    const output = await world
      .exec('client', ['ping', '-c', '1', '-t', '2', '-W', '1', SERVER])
      .catch((error) => error.stdout);
    expect(output).toContain('192.0.0.8');
    expect(output).toContain('Time to live exceeded');
    const output6 = await world
      .exec('client', ['ping', '-c', '1', '-t', '2', '-W', '1', SERVER6])
      .catch((error) => error.stdout);
    expect(output6).toMatch(/Time exceeded/);
  });

  test('a TCP connection that a function rejects is refused at once', async () => {
    await world.exec('f1', ['nft', '-f', '-'], REJECT_9999);
    const started = performance.now();
    expect(await world.try('client', ['bash', '-c', `exec 3<>/dev/tcp/${SERVER}/9999`])).toBe(false);
    expect(performance.now() - started).toBeLessThan(1500);
  });

  test('a pod that the chain does not name goes straight', async () => {
    const before = await seen('f0');
    expect(await world.exec('other', ['ping', '-c', '2', '-i', '0.05', '-W', '1', SERVER])).toContain(
      '2 received',
    );
    expect(await seen('f0')).toEqual(before);
  });

  test('a hop without instances drops, or is skipped when onFailure is Open', async () => {
    const chain = {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: { any: false, addresses: [CLIENT] },
      to: { any: false, addresses: [SERVER] },
    };
    await world.setChains([{ ...chain, hops: ['f0', { instance: '', onFailure: 'Closed' }] }]);
    expect(await world.try('client', ['ping', '-c', '1', '-W', '1', SERVER])).toBe(false);
    const drops = await Promise.all(['one', 'two', 'three'].map((node) => world.drops(node)));
    expect(drops.reduce((sum, each) => sum + (each.hop_down ?? 0), 0)).toBeGreaterThan(0);
    await world.setChains([{ ...chain, hops: ['f0', { instance: '', onFailure: 'Open' }] }]);
    expect(await world.try('client', ['ping', '-c', '1', '-W', '1', SERVER])).toBe(true);
  });

  test('a chain from everything to everything tells requests from replies by who opened the flow', async () => {
    await world.setChains([
      { name: 'all', network: 'shop', pathId: 8, from: { any: true }, to: { any: true }, hops: ['f0', 'f1'] },
    ]);
    for (const [from, to] of [
      ['client', SERVER],
      ['server', CLIENT],
    ] as const) {
      const before = await seen('f0');
      // One packet settles who opened the flow; then each way has its own direction.
      expect(await world.exec(from, ['ping', '-c', '4', '-i', '0.05', '-W', '1', to])).toContain(
        '4 received',
      );
      const after = await seen('f0');
      expect(after.forward + after.reply - before.forward - before.reply).toBe(8);
      expect(after.forward - before.forward).toBe(4);
    }
  });
});
