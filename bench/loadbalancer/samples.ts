// SPDX-License-Identifier: Apache-2.0
import type { Answer } from './client.ts';
import type { Build, Kind, Lane } from './lanes.ts';

/** One measurement of one lane. */
export interface Sample {
  readonly build: Build;
  readonly kind: Kind;
  readonly perSecond: number;
  /** Per second of CPU time of the whole machine: client, servers, and everything between them. */
  readonly perCpuSecond: number;
  readonly failures: number;
}

export interface Measured {
  /** In the order of the rounds. */
  readonly samples: readonly Sample[];
  /** CPU seconds per second without traffic, one value for each round. */
  readonly rest: readonly number[];
}

/** The kernel reports times in hundredths of a second, whatever its own clock is. */
const TICKS_PER_SECOND = 100;
/** Fields of the line `cpu` of /proc/stat. Guest times are part of user and nice; steal is no work of this machine. */
const FIELDS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq'] as const;
const WORK: ReadonlySet<string> = new Set(['user', 'nice', 'system', 'irq', 'softirq']);

/** Pure: CPU seconds of all CPUs together, from /proc/stat, as image/client.c counts them. */
export function busySeconds(stat: string): number {
  const [name, ...values] = (stat.split('\n')[0] ?? '').split(/\s+/);
  if (name !== 'cpu') throw new Error('/proc/stat does not begin with the sum of all CPUs');
  const ticks = FIELDS.reduce((sum, field, index) => sum + (WORK.has(field) ? Number(values[index]) : 0), 0);
  return ticks / TICKS_PER_SECOND;
}

/** Pure: turns an answer of the client into a sample. */
export function toSample(
  { lane, kind }: { readonly lane: Lane; readonly kind: Kind },
  { answers, failures, seconds, cpuSeconds }: Answer,
): Sample {
  if (answers === 0 || cpuSeconds === 0) throw new Error(`${lane.build}: no ${kind} came through`);
  return {
    build: lane.build,
    kind,
    perSecond: answers / seconds,
    perCpuSecond: answers / cpuSeconds,
    failures,
  };
}
