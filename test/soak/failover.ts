// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { Bed } from '../kernel/health/bed.ts';
import { allFailures } from '../kernel/health/failures.ts';
import { measureOutage, type Outage } from '../kernel/health/measure.ts';

/**
 * How long flows at 10 ms spacing lose packets when an instance or a node dies, over many runs of each way to die.
 *
 *   node test/soak/failover.ts [--runs 30] [--only "instance killed"]
 */

/** A sender that is this late shows that the machine has no free processor, so the run measures only that. */
const BUSY_MS = 30;

/** One kind of failure. */
export interface FailoverRow {
  readonly name: string;
  readonly runs: number;
  /** Milliseconds lost by the flow that lost most in a run; percentiles over the runs. */
  readonly p50: number;
  readonly p99: number;
  /** Runs in which the sender itself had to wait for the processor, and the worst of all other runs. */
  readonly busy: number;
  readonly worstOfOthers: number;
  readonly limitMs: number;
  /** Runs in which flows that did not use the failed part lost something. */
  readonly disturbed: number;
  /** Runs in which something was lost, or a flow moved, when the failed part came back. */
  readonly returnDisturbed: number;
}

export interface FailoverOptions {
  readonly runs: number;
  /** Called for each run. */
  readonly progress?: (text: string) => void;
  /** Names of the failures to measure; all by default. */
  readonly only?: readonly string[];
}

export async function measureFailover({
  runs,
  progress,
  only,
}: FailoverOptions): Promise<readonly FailoverRow[]> {
  const bed = await Bed.create();
  try {
    const rows: FailoverRow[] = [];
    for (const failure of allFailures().filter(({ name }) => only?.includes(name) ?? true)) {
      const outages: Outage[] = [];
      while (outages.length < runs) {
        const outage = await measureOutage(bed, failure);
        // By chance no flow used the failed part, so nothing was measured.
        if (outage.victims === 0) continue;
        outages.push(outage);
        progress?.(`${failure.name} ${outages.length}/${runs}: ${outage.lostMs} ms`);
      }
      rows.push(summarize(failure.name, failure.limitMs, outages));
    }
    return rows;
  } finally {
    await bed.close();
  }
}

function summarize(name: string, limitMs: number, outages: readonly Outage[]): FailoverRow {
  const quiet = outages.filter(({ lagMs }) => lagMs <= BUSY_MS);
  const lost = outages.map(({ lostMs }) => lostMs).sort((a, b) => a - b);
  const isDisturbed = ({ returnLostMs, movedByReturn }: Outage) => returnLostMs > 0 || movedByReturn > 0;
  return {
    name,
    runs: outages.length,
    p50: percentile(lost, 50),
    p99: percentile(lost, 99),
    busy: outages.length - quiet.length,
    worstOfOthers: Math.max(0, ...quiet.map(({ lostMs }) => lostMs)),
    limitMs,
    disturbed: outages.filter(({ bystandersLostMs }) => bystandersLostMs > 0).length,
    returnDisturbed: outages.filter(isDisturbed).length,
  };
}

/** A percentile of sorted values by nearest rank, so p99 of fewer than 100 runs is the worst run. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '30' }, only: { type: 'string', multiple: true } },
  });
  const rows = await measureFailover({
    runs: Number(values.runs),
    progress: (text) => console.error(text),
    ...(values.only ? { only: values.only } : {}),
  });
  console.table(rows);
  process.exitCode = rows.every(({ p99, limitMs }) => p99 < limitMs) ? 0 : 1;
}
