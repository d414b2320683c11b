// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { dropReasons } from '../../api/context/generated/context.ts';
import type { HopCounters, Traffic } from '../../api/counters.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  type BpfMapName,
  bpfMaps,
  INSTANCE_F_DOWN,
  MAX_HOPS,
  pathEvents,
  readHopDropKey,
  readHopKey,
  readInstance,
  readTraffic,
  SIZE_OF_INSTANCE,
  SIZE_OF_TRAFFIC,
} from '../render/generated/layout.ts';

/** The kernel and the maps that counters are read from. Each function here dumps one or two maps. */
export interface CounterSource {
  readonly kernel: Pick<Kernel, 'mapDump' | 'mapCount'>;
  readonly mapsDir: string;
}

/** Packets dropped on this node since its data path was loaded, by reason; reasons without drops are left out. */
export async function observeDrops(
  kernel: Pick<Kernel, 'mapDump'>,
  mapsDir: string,
): Promise<Readonly<Record<string, number>>> {
  const drops: Record<string, number> = {};
  for (const { key, traffic } of await dumpTraffic({ kernel, mapsDir }, 'drops')) {
    const reason = dropReasons[key.getUint32(0, true)];
    if (reason && traffic.packets > 0) drops[reason] = traffic.packets;
  }
  return drops;
}

export type PathEvent = (typeof pathEvents)[number];

/** The number of events besides drops, by event. */
export async function observeEvents({
  kernel,
  mapsDir,
}: CounterSource): Promise<ReadonlyMap<PathEvent, number>> {
  const { keys, values, count } = await kernel.mapDump({ path: join(mapsDir, 'events') });
  const key = viewOf(keys);
  const value = viewOf(values);
  const cpus = count === 0 ? 0 : values.byteLength / count / 8;
  const events = new Map<PathEvent, number>();
  for (let index = 0; index < count; index++) {
    const event = pathEvents[key.getUint32(index * 4, true)];
    let sum = 0n;
    for (let cpu = 0; cpu < cpus; cpu++) sum += value.getBigUint64((index * cpus + cpu) * 8, true);
    if (event) events.set(event, Number(sum));
  }
  return events;
}

/** The current number of entries of the flow table. */
export async function countFlows({ kernel, mapsDir }: CounterSource): Promise<number> {
  return kernel.mapCount({ path: join(mapsDir, 'flows') });
}

/** The ids of this node's instances that are down in the kernel, sorted. */
export async function observeDown({ kernel, mapsDir }: CounterSource): Promise<readonly number[]> {
  const { keys, values, count } = await kernel.mapDump({ path: join(mapsDir, 'instances') });
  const key = viewOf(keys);
  const value = viewOf(values);
  const down: number[] = [];
  for (let index = 0; index < count; index++) {
    const { ifindex, flags } = readInstance(value, index * SIZE_OF_INSTANCE);
    if (ifindex !== 0 && flags & INSTANCE_F_DOWN) down.push(key.getUint32(index * 4, true));
  }
  return down.sort((a, b) => a - b);
}

export interface PortTraffic {
  /** Packets that the pod sent, and packets that were delivered to it. */
  readonly sent: Traffic;
  readonly received: Traffic;
}

/** The traffic of each Port of this node, by the ifindex of its host side. */
export async function observePorts(source: CounterSource): Promise<ReadonlyMap<number, PortTraffic>> {
  const [sent, received] = await Promise.all([byIfindex(source, 'port_rx'), byIfindex(source, 'port_tx')]);
  return new Map(
    [...new Set([...sent.keys(), ...received.keys()])].map((ifindex) => [
      ifindex,
      { sent: sent.get(ifindex) ?? NOTHING, received: received.get(ifindex) ?? NOTHING },
    ]),
  );
}

/** The counters of a hop, with the numbers of the maps instead of names. */
export type HopTraffic = Pick<HopCounters, 'position' | 'forward' | 'reply' | 'drops'> & {
  readonly path: number;
};

/** The traffic of each hop: packets that this node sent to an instance of the hop, and packets dropped at the hop. */
export async function observeHops(source: CounterSource): Promise<readonly HopTraffic[]> {
  const [traffic, drops] = await Promise.all([
    dumpTraffic(source, 'hop_traffic'),
    dumpTraffic(source, 'hop_drops'),
  ]);
  const hops = new Map<string, { -readonly [K in keyof HopTraffic]: HopTraffic[K] }>();
  const hopAt = (path: number, position: number) => {
    const id = `${path} ${position}`;
    const hop = hops.get(id) ?? { path, position, forward: NOTHING, reply: NOTHING, drops: {} };
    hops.set(id, hop);
    return hop;
  };
  for (const entry of traffic) {
    const { path, slot } = readHopKey(entry.key);
    hopAt(path, slot % MAX_HOPS)[slot < MAX_HOPS ? 'forward' : 'reply'] = entry.traffic;
  }
  for (const entry of drops) {
    const { hop, reason } = readHopDropKey(entry.key);
    const found = hopAt(hop.path, hop.slot);
    found.drops = { ...found.drops, [dropReasons[reason] ?? `reason_${reason}`]: entry.traffic.packets };
  }
  return [...hops.values()];
}

const NOTHING: Traffic = { packets: 0, bytes: 0 };

type TrafficMap = Extract<BpfMapName, 'drops' | 'port_rx' | 'port_tx' | 'hop_traffic' | 'hop_drops'>;

async function byIfindex(source: CounterSource, map: TrafficMap): Promise<ReadonlyMap<number, Traffic>> {
  const entries = await dumpTraffic(source, map);
  return new Map(entries.map(({ key, traffic }) => [key.getUint32(0, true), traffic]));
}

/** Reads a per-CPU map of `struct traffic`, with its values summed over the CPUs. */
async function dumpTraffic(
  { kernel, mapsDir }: Pick<CounterSource, 'mapsDir'> & { readonly kernel: Pick<Kernel, 'mapDump'> },
  map: TrafficMap,
): Promise<readonly { readonly key: DataView; readonly traffic: Traffic }[]> {
  const { keys, values, count } = await kernel.mapDump({ path: join(mapsDir, map) });
  const { keySize } = bpfMaps[map];
  const cpus = count === 0 ? 0 : values.byteLength / count / SIZE_OF_TRAFFIC;
  const value = viewOf(values);
  return Array.from({ length: count }, (_, index) => {
    let packets = 0n;
    let bytes = 0n;
    for (let cpu = 0; cpu < cpus; cpu++) {
      const each = readTraffic(value, (index * cpus + cpu) * SIZE_OF_TRAFFIC);
      packets += each.packets;
      bytes += each.bytes;
    }
    const key = new DataView(keys.buffer, keys.byteOffset + index * keySize, keySize);
    return { key, traffic: { packets: Number(packets), bytes: Number(bytes) } };
  });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
