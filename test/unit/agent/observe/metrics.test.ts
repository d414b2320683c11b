// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { MapInfo } from '../../../../agent/kernel/protocol.ts';
import { LocalState } from '../../../../agent/observe/local.ts';
import { registerDataPathMetrics } from '../../../../agent/observe/metrics.ts';
import { createAgentStores } from '../../../../agent/observe/stores.ts';
import {
  encodeHopDropKey,
  encodeHopKey,
  encodeTraffic,
  MAX_HOPS,
  pathEvents,
} from '../../../../agent/render/generated/layout.ts';
import { encodeU32 } from '../../../../agent/render/scalar.ts';
import { dropReasons } from '../../../../api/context/generated/context.ts';
import type { ChainSlice } from '../../../../api/index.ts';
import { Registry } from '../../../../kube/base/metrics.ts';
import { port } from '../../cli/world.ts';

const CPUS = 2;

/** A value a CPU, one packet of 100 bytes more on each. */
function traffic(packets: number): Uint8Array {
  const each = Array.from({ length: CPUS }, (_, cpu) =>
    encodeTraffic({ packets: BigInt(packets + cpu), bytes: BigInt((packets + cpu) * 100) }),
  );
  return Buffer.concat(each);
}

function counts(count: number): Uint8Array {
  const bytes = Buffer.alloc(8 * CPUS);
  bytes.writeBigUInt64LE(BigInt(count), 8);
  return bytes;
}

const SLICE: ChainSlice = {
  apiVersion: 'internal.heddle.dev/v1alpha1',
  kind: 'ChainSlice',
  metadata: { namespace: 'shop', name: 'storefront-0', uid: 'a' },
  spec: {
    chain: 'storefront',
    generation: 1,
    network: { namespace: 'shop', name: 'shop' },
    vni: 4097,
    pathId: 3,
    priority: 1000,
    createdAt: '2026-11-23T12:00:00Z',
    slice: 0,
    slices: 1,
    hops: [{ kind: 'Firewall', name: 'edge', onFailure: 'Closed', instances: [] }],
    from: { any: true },
    to: { any: true },
  },
};

const MAPS: Readonly<Record<string, readonly (readonly [Uint8Array, Uint8Array])[]>> = {
  drops: [[encodeU32(dropReasons.indexOf('vlan')), traffic(4)]],
  events: [[encodeU32(pathEvents.indexOf('flow_added')), counts(10)]],
  flows: [[new Uint8Array(40), new Uint8Array(8)]],
  hop_traffic: [
    [encodeHopKey({ path: 3, slot: 0 }), traffic(5)],
    [encodeHopKey({ path: 3, slot: MAX_HOPS }), traffic(2)],
    // Of a chain that is gone: it has no name, so nobody is told.
    [encodeHopKey({ path: 99, slot: 0 }), traffic(1)],
  ],
  hop_drops: [
    [encodeHopDropKey({ hop: { path: 3, slot: 0 }, reason: dropReasons.indexOf('hop_down') }), traffic(1)],
  ],
  port_rx: [[encodeU32(5), traffic(7)]],
  port_tx: [],
};

/** The registry of a node whose kernel has these maps; `dumps` gets the name of each map that is read. */
function registryOf(maps: typeof MAPS, dumps: string[]): Registry {
  const kernel = {
    mapDump: async ({ path }: { path: string }) => {
      const name = basename(path);
      dumps.push(name);
      const entries = maps[name] ?? [];
      const keys = Buffer.concat(entries.map(([key]) => key));
      return { keys, values: Buffer.concat(entries.map(([, value]) => value)), count: entries.length };
    },
    mapInfo: async () => ({ maxEntries: 262144 }) as MapInfo,
    mapCount: async ({ path }: { path: string }) => {
      dumps.push(basename(path));
      return maps[basename(path)]?.length ?? 0;
    },
  };
  const stores = createAgentStores();
  stores.slices.replace([SLICE]);
  stores.ports.replace([port('web')]);
  const local = new LocalState('one');
  local.attached('shop/web-net1', { hostName: 'hd0', ifindex: 5 });
  const registry = new Registry();
  registerDataPathMetrics(registry, {
    kernel,
    mapsDir: '/maps',
    local,
    stores,
    sizes: () => [['classifier', 42]],
  });
  return registry;
}

async function scrape(): Promise<{ readonly lines: readonly string[]; readonly dumps: readonly string[] }> {
  const dumps: string[] = [];
  const text = await registryOf(MAPS, dumps).metrics();
  return { lines: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')), dumps };
}

describe('the metrics of the data path', () => {
  test('have few labels, and the sums over all CPUs', async () => {
    const { lines } = await scrape();
    const hop = 'namespace="shop",chain="storefront",hop="Firewall/edge"';
    expect([...lines].sort()).toEqual(
      [
        'heddle_dropped_packets_total{reason="vlan"} 9',
        'heddle_map_entries{map="classifier"} 42',
        'heddle_map_max_entries{map="classifier"} 262144',
        'heddle_path_events_total{event="flow_added"} 10',
        'heddle_flow_entries 1',
        'heddle_flows_evicted_total 9',
        `heddle_hop_packets_total{${hop},direction="forward"} 11`,
        `heddle_hop_packets_total{${hop},direction="reply"} 5`,
        `heddle_hop_bytes_total{${hop},direction="forward"} 1100`,
        `heddle_hop_bytes_total{${hop},direction="reply"} 500`,
        `heddle_hop_drops_total{${hop},reason="hop_down"} 3`,
        'heddle_port_packets_total{namespace="shop",pod="web",interface="net1",direction="sent"} 15',
        'heddle_port_packets_total{namespace="shop",pod="web",interface="net1",direction="received"} 0',
        'heddle_port_bytes_total{namespace="shop",pod="web",interface="net1",direction="sent"} 1500',
        'heddle_port_bytes_total{namespace="shop",pod="web",interface="net1",direction="received"} 0',
      ].sort(),
    );
  });

  test('count no eviction of flows that began since the entries were counted', async () => {
    const flows = (count: number) =>
      Array.from({ length: count }, () => [new Uint8Array(40), new Uint8Array(8)] as const);
    const maps: Record<string, (typeof MAPS)[string]> = { ...MAPS, flows: flows(10) };
    const registry = registryOf(maps, []);
    const evicted = async () => /^heddle_flows_evicted_total (\d+)$/m.exec(await registry.metrics())?.[1];
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      expect(await evicted()).toBe('0');
      maps.events = [[encodeU32(pathEvents.indexOf('flow_added')), counts(1010)]];
      maps.flows = flows(1010);
      for (const ms of [1000, 8000, 5000]) {
        vi.advanceTimersByTime(ms);
        expect(await evicted()).toBe('0');
      }
      maps.flows = flows(1000);
      vi.advanceTimersByTime(11_000);
      expect(await evicted()).toBe('10');
    } finally {
      vi.useRealTimers();
    }
  });

  test('cost one dump of each map a scrape', async () => {
    const { dumps } = await scrape();
    expect([...dumps].sort()).toEqual([...Object.keys(MAPS)].sort());
  });
});
