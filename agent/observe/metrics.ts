import { Gauge, type Registry } from '../../operator/runtime/metrics.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { observeDrops } from './counters.ts';

/** Drops by reason, read from the kernel when somebody asks. */
export function registerDropMetrics(options: {
  readonly registry: Registry;
  readonly kernel: Kernel;
  readonly mapsDir: string;
}): void {
  const gauge: Gauge<'reason'> = new Gauge({
    name: 'heddle_dropped_packets',
    help: 'Packets dropped since the data path of this node was loaded, by reason',
    labelNames: ['reason'],
    registers: [options.registry],
    collect: async () => {
      const drops = await observeDrops(options.kernel, options.mapsDir);
      for (const [reason, packets] of Object.entries(drops)) gauge.set({ reason }, packets);
    },
  });
}
