// SPDX-License-Identifier: Apache-2.0
import { Counter, type Registry } from '../../kube/base/metrics.ts';
import type { CounterValue } from '../shared/nft/counters.ts';
import { ruleLabel } from './names.ts';

/** The values of the metrics, read at each scrape. */
export interface Figures {
  readonly counters: () => Promise<ReadonlyMap<string, CounterValue>>;
  readonly logged: () => number;
}

/** Registers the metrics: rules' counters and the number of logged packets. */
export function registerMetrics(registry: Registry, figures: Figures): void {
  const registers = [registry];
  for (const [unit, help] of [
    ['packets', 'Packets that a rule took; `default-action` and `invalid-state` beside the rules'],
    ['bytes', 'Bytes of the packets that a rule took'],
  ] as const) {
    new Counter({
      name: `heddle_firewall_${unit}_total`,
      help,
      labelNames: ['rule'] as const,
      registers,
      async collect() {
        const counters = await figures.counters();
        this.reset();
        for (const [name, value] of counters) this.inc({ rule: ruleLabel(name) }, value[unit]);
      },
    });
  }
  new Counter({
    name: 'heddle_firewall_logged_packets_total',
    help: 'Packets written to the log',
    registers,
    collect() {
      this.reset();
      this.inc(figures.logged());
    },
  });
}
