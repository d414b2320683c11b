// SPDX-License-Identifier: Apache-2.0
import type { RuleCount } from '../../api/report.ts';
import { Counter, type Registry } from '../../kube/base/metrics.ts';

/** Registers the metrics: packets and bytes of chains that went in and came out. */
export function registerMetrics(registry: Registry, count: () => Promise<readonly RuleCount[]>): void {
  const registers = [registry];
  for (const unit of ['packets', 'bytes'] as const) {
    new Counter({
      name: `heddle_custom_${unit}_total`,
      help: `${unit === 'packets' ? 'Packets' : 'Bytes'} of chains, by the way that they went: in or out of the function`,
      labelNames: ['direction'] as const,
      registers,
      async collect() {
        this.reset();
        for (const counted of await count()) this.inc({ direction: counted.name }, counted[unit]);
      },
    });
  }
}
