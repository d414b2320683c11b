// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { HopCounters } from '../../api/counters.ts';
import { Counter, Gauge, Histogram, type Registry } from '../../kube/base/metrics.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  type CounterSource,
  countFlows,
  observeDrops,
  observeEvents,
  observeHops,
  observePorts,
} from './counters.ts';
import type { LocalState } from './local.ts';
import { nameHops, namePorts, type PortCounters } from './named.ts';
import type { AgentStores } from './stores.ts';

export interface DataPathSources extends CounterSource {
  readonly kernel: CounterSource['kernel'] & Pick<Kernel, 'mapInfo'>;
  readonly local: Pick<LocalState, 'node' | 'interfaces'>;
  readonly stores: Pick<AgentStores, 'ports' | 'slices'>;
  /** How many entries each map has that the agent fills. */
  readonly sizes: () => Iterable<readonly [map: string, entries: number]>;
}

/** Registers the metrics of the kernel's counters. Each map is read once for a scrape, for all metrics that use it. */
export function registerDataPathMetrics(registry: Registry, sources: DataPathSources): void {
  registerDrops(registry, sources);
  registerSizes(registry, sources);
  registerFlows(registry, sources);
  registerHops(registry, sources);
  registerPorts(registry, sources);
}

function registerDrops(registry: Registry, { kernel, mapsDir }: DataPathSources): void {
  new Counter({
    name: 'heddle_dropped_packets_total',
    help: 'Packets dropped since the data path of this node was loaded, by reason',
    labelNames: ['reason'] as const,
    registers: [registry],
    async collect() {
      const drops = await observeDrops(kernel, mapsDir);
      this.reset();
      for (const [reason, packets] of Object.entries(drops)) this.inc({ reason }, packets);
    },
  });
}

/** Registers the time that an attachment takes; the caller observes it. */
export function registerAttachments(registry: Registry): Histogram<never> {
  return new Histogram({
    name: 'heddle_attach_seconds',
    help: 'Attachment of the interfaces of one pod in the hook, the wait for its Ports apart',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1],
    registers: [registry],
  });
}

function registerSizes(registry: Registry, { kernel, mapsDir, sizes }: DataPathSources): void {
  new Gauge({
    name: 'heddle_map_entries',
    help: 'Entries of the maps that networks and chains fill; heddle_map_max_entries has the room of each',
    labelNames: ['map'] as const,
    registers: [registry],
    collect() {
      for (const [map, entries] of sizes()) this.set({ map }, entries);
    },
  });
  // A map keeps its size for as long as the agent runs.
  const room = new Map<string, number>();
  new Gauge({
    name: 'heddle_map_max_entries',
    help: 'Most entries that each of these maps can have',
    labelNames: ['map'] as const,
    registers: [registry],
    async collect() {
      for (const [map] of sizes()) {
        const known = room.get(map) ?? (await kernel.mapInfo({ path: join(mapsDir, map) })).maxEntries;
        room.set(map, known);
        this.set({ map }, known);
      }
    },
  });
}

function registerFlows(registry: Registry, source: DataPathSources): void {
  const registers = [registry];
  const read = oncePer(SCRAPE_MS, () => observeEvents(source));
  let evicted = 0;
  const count = oncePer(COUNT_MS, async () => {
    // In this order, and from one moment: entries that were added since the count would look like evicted ones.
    const added = (await read()).get('flow_added') ?? 0;
    const entries = await countFlows(source);
    evicted = Math.max(evicted, added - entries);
    return { entries, evicted };
  });
  new Counter({
    name: 'heddle_path_events_total',
    help: 'Events of the data path besides drops: flow_added, flow_moved (a pin led to an instance that is gone), bounced, noted, too_big_sent',
    labelNames: ['event'] as const,
    registers,
    async collect() {
      const events = await read();
      this.reset();
      for (const [event, count] of events) this.inc({ event }, count);
    },
  });
  new Gauge({
    name: 'heddle_flow_entries',
    help: 'Entries of the flow table, a few a flow; its size is the chart value agent.flows',
    registers,
    async collect() {
      this.set((await count()).entries);
    },
  });
  new Counter({
    name: 'heddle_flows_evicted_total',
    help: 'Entries that were evicted from the flow table: a full table evicts the least recently used ones',
    registers,
    async collect() {
      const { evicted: entries } = await count();
      this.reset();
      this.inc(entries);
    },
  });
}

function registerHops(registry: Registry, source: DataPathSources): void {
  const registers = [registry];
  const read = oncePer(SCRAPE_MS, async () => nameHops(await observeHops(source), source.stores.slices));
  const labelsOf = ({ namespace, chain, function: hop }: HopCounters) => ({ namespace, chain, hop });
  for (const unit of ['packets', 'bytes'] as const) {
    new Counter({
      name: `heddle_hop_${unit}_total`,
      help: `Traffic that this node sent to instances of the hop of a chain, in ${unit}`,
      labelNames: ['namespace', 'chain', 'hop', 'direction'] as const,
      registers,
      async collect() {
        const hops = await read();
        this.reset();
        for (const hop of hops) {
          for (const direction of ['forward', 'reply'] as const) {
            this.inc({ ...labelsOf(hop), direction }, hop[direction][unit]);
          }
        }
      },
    });
  }
  new Counter({
    name: 'heddle_hop_drops_total',
    help: 'Packets dropped at the hop of a chain on this node, by reason',
    labelNames: ['namespace', 'chain', 'hop', 'reason'] as const,
    registers,
    async collect() {
      const hops = await read();
      this.reset();
      for (const hop of hops) {
        for (const [reason, packets] of Object.entries(hop.drops))
          this.inc({ ...labelsOf(hop), reason }, packets);
      }
    },
  });
}

/** Registers the traffic of Ports: four series for each interface of a pod. A node has few pods, so it is always on. */
function registerPorts(registry: Registry, source: DataPathSources): void {
  const read = oncePer(SCRAPE_MS, async () =>
    namePorts(await observePorts(source), source.local, source.stores.ports),
  );
  const labelsOf = ({ namespace, pod, interface: name }: PortCounters) => ({
    namespace,
    pod,
    interface: name,
  });
  for (const unit of ['packets', 'bytes'] as const) {
    new Counter({
      name: `heddle_port_${unit}_total`,
      help: `What a pod sent and received on a virtual network, in ${unit}`,
      labelNames: ['namespace', 'pod', 'interface', 'direction'] as const,
      registers: [registry],
      async collect() {
        const ports = await read();
        this.reset();
        for (const port of ports) {
          for (const direction of ['sent', 'received'] as const) {
            this.inc({ ...labelsOf(port), direction }, port[direction][unit]);
          }
        }
      },
    });
  }
}

/** How long a read of a map is used again: the metrics of one scrape are collected within this time. */
const SCRAPE_MS = 200;

/** How long a count of the flow table is used again: it takes 20 ms of the process that also sends the probes. */
const COUNT_MS = 10_000;

/** Caches a read: calls within `ms` after a read get its result. */
function oncePer<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined;
  return () => {
    const now = performance.now();
    if (!last || now - last.at > ms) last = { at: now, value: read() };
    return last.value;
  };
}
