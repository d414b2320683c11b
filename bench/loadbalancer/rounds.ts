// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { measureTwice } from '../twice.ts';
import { askFromPod, type Question } from './client.ts';
import { buildsFor, KINDS, type Kind, type Lane } from './lanes.ts';
import { busySeconds, type Measured, type Sample, toSample } from './samples.ts';

export interface RoundsOptions {
  readonly namespace: string;
  readonly lanes: readonly Lane[];
  readonly rounds: number;
  readonly milliseconds: number;
  progress(line: string): void;
}

/**
 * Measures rounds. Each round measures every lane by one kind of traffic, then by the other, and then the machine at
 * rest. Every other round has the reverse order, so that no lane is always the first.
 */
export async function measureRounds(options: RoundsOptions): Promise<Measured> {
  const { namespace, lanes, rounds, milliseconds, progress } = options;
  const samples: Sample[] = [];
  const rest: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    rest.push(await measureRest(milliseconds));
    for (const { name: kind } of KINDS)
      for (const lane of lanesFor(kind, round % 2 === 0 ? lanes : lanes.toReversed()))
        samples.push(await measureTwice(() => measure({ namespace, lane, kind, milliseconds }), progress));
    progress(`round ${round + 1} of ${rounds}: ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  return { samples, rest };
}

function lanesFor(kind: Kind, lanes: readonly Lane[]): readonly Lane[] {
  const builds = new Set(buildsFor(kind));
  return lanes.filter(({ build }) => builds.has(build));
}

/** Measures the load of a cluster without traffic, in CPU seconds per second. */
async function measureRest(milliseconds: number): Promise<number> {
  const began = performance.now();
  const before = await readBusy();
  await sleep(milliseconds);
  return ((await readBusy()) - before) / ((performance.now() - began) / 1000);
}

async function readBusy(): Promise<number> {
  return busySeconds(await readFile('/proc/stat', 'utf8'));
}

async function measure(question: Question): Promise<Sample> {
  return toSample(question, await askFromPod(question));
}
