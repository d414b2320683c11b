// SPDX-License-Identifier: Apache-2.0
import type { HopCounters } from '../../api/counters.ts';
import { Counter, Gauge, type Registry } from '../../kube/base/metrics.ts';
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
  readonly local: Pick<LocalState, 'node' | 'interfaces'>;
  readonly stores: Pick<AgentStores, 'ports' | 'slices'>;
}

/** What the kernel counted, read when somebody asks: each map once a scrape, however many metrics come from it. */
export function registerDataPathMetrics(registry: Registry, sources: DataPathSources): void {
  registerDrops(registry, sources);
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

function registerFlows(registry: Registry, source: DataPathSources): void {
  const registers = [registry];
  const count = oncePer(COUNT_MS, () => countFlows(source));
  const read = oncePer(SCRAPE_MS, async () => ({
    events: await observeEvents(source),
    entries: await count(),
  }));
  new Counter({
    name: 'heddle_path_events_total',
    help: 'What the data path did besides forwarding: flow_added, flow_moved (a pin led to an instance that is gone), bounced, noted, too_big_sent',
    labelNames: ['event'] as const,
    registers,
    async collect() {
      const { events } = await read();
      this.reset();
      for (const [event, count] of events) this.inc({ event }, count);
    },
  });
  new Gauge({
    name: 'heddle_flow_entries',
    help: 'Entries of the flow table, a few a flow; its size is the chart value agent.flows',
    registers,
    async collect() {
      this.set((await read()).entries);
    },
  });
  new Counter({
    name: 'heddle_flows_evicted_total',
    help: 'Entries of the flow table that were made and are there no more: a full table forgets the least used ones',
    registers,
    async collect() {
      const { events, entries } = await read();
      this.reset();
      this.inc(Math.max(0, (events.get('flow_added') ?? 0) - entries));
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
      help: `What this node brought to instances of the hop of a chain, in ${unit}`,
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

/** Four series for each interface of a pod of this node: as many as a node has pods, so nobody need switch them on. */
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

/** Metrics of one scrape are collected within this time. */
const SCRAPE_MS = 200;

/** To count a full flow table keeps the process that also sends the probes busy for 20 ms. */
const COUNT_MS = 10_000;

/** Whoever asks within this time after another gets the same answer. */
function oncePer<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined;
  return () => {
    const now = performance.now();
    if (!last || now - last.at > ms) last = { at: now, value: read() };
    return last.value;
  };
}
