import { Counter, type Registry } from '../../operator/runtime/metrics.ts';
import { readCounters } from './counters.ts';

/** Rules' counters and the number of logged packets; read from the kernel when they are asked for. */
export function registerMetrics(registry: Registry, logged: () => number): void {
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
      for (const [name, value] of await readCounters()) {
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
      this.inc(logged());
    },
  });
}
