// SPDX-License-Identifier: Apache-2.0
import { Counter, Gauge, type Registry } from '../../kube/base/metrics.ts';
import type { CounterValue } from '../shared/nft/counters.ts';
import type { Standing } from './standing.ts';

/** The values of the metrics, read at each scrape. */
export interface Figures {
  readonly counters: () => Promise<ReadonlyMap<string, CounterValue>>;
  readonly standings: () => readonly Standing[];
}

const LISTENER = 'listener-';

/** Registers the metrics: new flows of each listener, refused flows, and the state of the backends. */
export function registerMetrics(registry: Registry, figures: Figures): void {
  const registers = [registry];
  new Counter({
    name: 'heddle_loadbalancer_flows_total',
    help: 'Flows that began at a listener, or that were taken up in their midst',
    labelNames: ['listener'] as const,
    registers,
    async collect() {
      this.reset();
      for (const [name, { packets }] of await figures.counters()) {
        if (name.startsWith(LISTENER)) this.inc({ listener: name.slice(LISTENER.length) }, packets);
      }
    },
  });
  new Counter({
    name: 'heddle_loadbalancer_refused_packets_total',
    help: 'Packets answered by a reset or ICMP: no-backend of flows that nobody could take, backend-gone of established ones',
    labelNames: ['reason'] as const,
    registers,
    async collect() {
      this.reset();
      const counters = await figures.counters();
      for (const reason of ['no-backend', 'backend-gone']) {
        this.inc({ reason }, counters.get(reason)?.packets ?? 0);
      }
    },
  });
  new Gauge({
    name: 'heddle_loadbalancer_backends',
    help: 'Backends by what they are good for',
    labelNames: ['reason'] as const,
    registers,
    collect() {
      this.reset();
      for (const { reason } of figures.standings()) this.inc({ reason });
    },
  });
}
