import { Counter, type Registry } from '../../operator/runtime/metrics.ts';
import type { CounterValue } from './counters.ts';

/** What the figures are read from, at the moment when somebody asks for them. */
export interface Figures {
  readonly counters: () => Promise<ReadonlyMap<string, CounterValue>>;
  readonly logged: () => number;
}

/** Rules' counters and the number of logged packets. */
export function registerMetrics(registry: Registry, figures: Figures): void {
  const registers = [registry];
  const packets = new Counter({
    name: 'heddle_firewall_packets_total',
    help: 'Packets that a rule took; `default-action` and `invalid-state` beside the rules',
    labelNames: ['rule'] as const,
    registers,
  });
  const bytes = new Counter({
    name: 'heddle_firewall_bytes_total',
    help: 'Bytes of the packets that a rule took',
    labelNames: ['rule'] as const,
    registers,
    async collect() {
      packets.reset();
      this.reset();
      for (const [name, value] of await figures.counters()) {
        const rule = name.replace(/^rule-/, '');
        packets.inc({ rule }, value.packets);
        this.inc({ rule }, value.bytes);
      }
    },
  });
  void bytes;
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
