// SPDX-License-Identifier: Apache-2.0
import type { Answer } from './client.ts';
import type { Build, Kind, Lane } from './lanes.ts';

/** One turn of one lane. */
export interface Sample {
  readonly build: Build;
  readonly kind: Kind;
  readonly perSecond: number;
  /** For a second of CPU of the whole machine: client, servers, and what is between them. */
  readonly perCpuSecond: number;
  readonly failures: number;
}

export interface Measured {
  /** In the order of the rounds. */
  readonly samples: readonly Sample[];
  /** CPU seconds a second without traffic, a value a round. */
  readonly rest: readonly number[];
}

/** The kernel tells times in hundredths of a second, whatever its own clock is. */
const TICKS_PER_SECOND = 100;
/** Fields of the line `cpu` of /proc/stat; its guest times are in user and nice, and steal is nobody's work here. */
const FIELDS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq'] as const;
const WORK: ReadonlySet<string> = new Set(['user', 'nice', 'system', 'irq', 'softirq']);

/** Pure: CPU seconds that all CPUs together have worked, from /proc/stat: the same as image/client.c counts. */
export function busySeconds(stat: string): number {
  const [name, ...values] = (stat.split('\n')[0] ?? '').split(/\s+/);
  if (name !== 'cpu') throw new Error('/proc/stat does not begin with the sum of all CPUs');
  const ticks = FIELDS.reduce((sum, field, index) => sum + (WORK.has(field) ? Number(values[index]) : 0), 0);
  return ticks / TICKS_PER_SECOND;
}

/** Pure: what a turn says. */
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
