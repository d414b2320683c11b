// SPDX-License-Identifier: Apache-2.0
import type { Traffic } from '../traffic.ts';
import { measureTwice } from '../twice.ts';
import type { Lane } from './lanes.ts';
import { METRICS, type MetricName, PROBES } from './metrics.ts';
import { runIn } from './namespaces.ts';

/** The values of one lane, one for each round. */
export type Series = Readonly<Record<MetricName, readonly number[]>>;
export type Measured = ReadonlyMap<Lane, Series>;

export interface RoundsOptions {
  readonly traffic: Traffic;
  readonly lanes: readonly Lane[];
  readonly rounds: number;
  readonly milliseconds: number;
  progress(line: string): void;
}

/**
 * Measures rounds. Each round measures every lane by one kind of traffic, then by the next, so lanes that are compared
 * are measured within seconds. Every other round has the reverse order, so that no lane is always the first.
 */
export async function measureRounds(options: RoundsOptions): Promise<Measured> {
  const { traffic, lanes, rounds, milliseconds, progress } = options;
  const measured = new Map(
    lanes.map((lane) => [
      lane,
      Object.fromEntries(METRICS.map(({ name }) => [name, [] as number[]])) as Record<MetricName, number[]>,
    ]),
  );
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    for (const probe of PROBES) {
      for (const lane of round % 2 === 0 ? lanes : lanes.toReversed()) {
        const sample = await measureTwice(() => probe.measure(traffic, lane, milliseconds), progress);
        for (const [name, value] of Object.entries(sample) as [MetricName, number][])
          measured.get(lane)![name].push(value);
        if (probe.kind === 'connections') await forgetFlows(lane);
      }
    }
    progress(`round ${round + 1} of ${rounds}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  return measured;
}

/** Removes the flows of a lane: a hundred thousand ended connections would slow down all tables of the machine. */
async function forgetFlows({ plan, functions }: Lane): Promise<void> {
  if (plan.work !== 'firewall') return;
  for (const netns of functions) await runIn(netns, ['conntrack', '-F']).catch(() => '');
}
