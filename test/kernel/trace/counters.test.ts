// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MapEntries } from '../../../agent/kernel/protocol.ts';
import {
  type CounterSource,
  countFlows,
  observeDown,
  observeDrops,
  observeEvents,
  observeHops,
  observePorts,
} from '../../../agent/observe/counters.ts';
import type { BpfMapName } from '../../../agent/render/generated/layout.ts';
import { World } from '../world/world.ts';
import { ECHO_PORT, say, serve } from './talk.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const CLIENT = '10.20.0.1';
const SERVER = '10.20.0.3';
const TALKS = 20;

/** Bytes of an Ethernet frame of "hello" by UDP over IPv4. */
const FRAME = 14 + 20 + 8 + 'hello'.length;

describe('the counters of a node', () => {
  let world: World;
  let stop: () => void;

  const setChain = (hops: Parameters<World['setChains']>[0][number]['hops']): Promise<void> =>
    world.setChains([
      {
        name: 'chain',
        network: 'shop',
        pathId: 7,
        ports: [{ protocol: 'UDP', port: ECHO_PORT }],
        from: { any: false, addresses: [CLIENT] },
        to: { any: false, addresses: [SERVER] },
        hops,
      },
    ]);

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two'], objectFile });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16'] });
    await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: [CLIENT] });
    await world.addPod({ name: 'server', node: 'two', network: 'shop', addresses: [SERVER] });
    await world.addInstance({ name: 'a', node: 'one', id: 1 });
    await world.addInstance({ name: 'b', node: 'two', id: 2 });
    stop = await serve(world, 'server');
  }, 120_000);
  afterAll(async () => {
    stop?.();
    await world?.close();
  });

  /** A node's maps, read through its agent. */
  const at = (node: string): CounterSource => ({
    mapsDir: '/maps',
    kernel: {
      mapDump: async ({ path }: { path: string }) =>
        (await world.command(node, { kind: 'dumpMap', map: basename(path) as BpfMapName })) as MapEntries,
      mapCount: async ({ path }: { path: string }) =>
        (await world.dumpMap(node, basename(path) as BpfMapName)).length,
    },
  });

  const ports = (from: number): number[] => Array.from({ length: TALKS }, (_, i) => from + i);

  test('have each packet once at each hop, in its direction, on the node of the instance', async () => {
    await setChain(['a', 'b']);
    const talk = { protocol: 'UDP', address: SERVER, ports: ports(20_000) } as const;
    expect(await say(world, 'client', talk)).toHaveLength(TALKS);
    const all = { packets: TALKS, bytes: TALKS * FRAME };
    expect(await observeHops(at('one'))).toEqual([
      { path: 7, position: 0, forward: all, reply: all, drops: {} },
    ]);
    expect(await observeHops(at('two'))).toEqual([
      { path: 7, position: 1, forward: all, reply: all, drops: {} },
    ]);
  });

  test('have what each pod sent and received', async () => {
    const sums = async (node: string) => {
      const all = [...(await observePorts(at(node))).values()];
      return {
        sent: all.reduce((sum, { sent }) => sum + sent.packets, 0),
        received: all.reduce((sum, { received }) => sum + received.packets, 0),
      };
    };
    const before = { one: await sums('one'), two: await sums('two') };
    await say(world, 'client', { protocol: 'UDP', address: SERVER, ports: ports(21_000) });
    const after = { one: await sums('one'), two: await sums('two') };
    for (const node of ['one', 'two'] as const) {
      expect(after[node].sent - before[node].sent).toBe(TALKS);
      expect(after[node].received - before[node].received).toBe(TALKS);
    }
  });

  test('tell of new flows, and how many the table has', async () => {
    const added = async () => (await observeEvents(at('one'))).get('flow_added') ?? 0;
    const before = { added: await added(), entries: await countFlows(at('one')) };
    await say(world, 'client', { protocol: 'UDP', address: SERVER, ports: ports(22_000) });
    const grown = (await added()) - before.added;
    expect(grown).toBeGreaterThanOrEqual(TALKS);
    expect((await countFlows(at('one'))) - before.entries).toBe(grown);
  });

  test('have drops at the hop at which they happened, and by reason', async () => {
    await setChain(['a', { instance: '', onFailure: 'Closed' }]);
    const drops = async () => (await observeDrops(at('one').kernel, '/maps')).hop_down ?? 0;
    const before = await drops();
    // That each of them was dropped says the counter, so nobody waits long for answers.
    const talk = { protocol: 'UDP', address: SERVER, ports: ports(23_000), patienceMs: 300 } as const;
    expect(await say(world, 'client', talk)).toEqual([]);
    const hops = await observeHops(at('one'));
    expect(hops.find(({ position }) => position === 1)?.drops).toEqual({ hop_down: TALKS });
    expect((await drops()) - before).toBe(TALKS);
  });

  test('name the instances that get no packets', async () => {
    await setChain(['a', 'b']);
    expect(await observeDown(at('two'))).toEqual([]);
    await world.killNetns('b');
    await expect.poll(() => observeDown(at('two')), { timeout: 3000 }).toEqual([2]);
    // Of another node's instances its own node tells.
    expect(await observeDown(at('one'))).toEqual([]);
  });
});
