// SPDX-License-Identifier: Apache-2.0
import { formatSeconds } from '../kind/progress.ts';
import type { Machine } from './machine.ts';
import { createOutput } from './output.ts';
import { closingLine, failedOutright, type SuiteResult } from './report.ts';
import { runSuite, type Suite, type SuiteOptions } from './suites.ts';

/**
 * Pure: groups suites into lanes. Suites of a lane run one after another. The cluster is prepared while the first lane
 * runs; its tests wait for the end of that lane, because on two cores kernel tests that wait for packets fail beside
 * them.
 */
export function planLanes(suites: readonly Suite[]): readonly (readonly Suite[])[] {
  const isCluster = (suite: Suite): boolean => suite === 'cluster';
  return [suites.filter((suite) => !isCluster(suite)), suites.filter(isCluster)].filter(
    (lane) => lane.length > 0,
  );
}

export interface LaneContext {
  readonly options: SuiteOptions;
  readonly machine: Machine;
  readonly signal: AbortSignal;
}

/** Runs all lanes and returns the results of all suites, also when one of them throws. */
export async function runLanes(
  lanes: readonly (readonly Suite[])[],
  context: LaneContext,
): Promise<readonly SuiteResult[]> {
  const isOnly = lanes.length === 1;
  const running: Promise<readonly SuiteResult[]>[] = [];
  for (const lane of lanes) {
    const before = Promise.allSettled([...running]);
    running.push(runLane(lane, { ...context, isOnly, before }));
  }
  return (await Promise.all(running)).flat();
}

interface Lane extends LaneContext {
  /** Whether it is the only suite; its output then goes straight to the terminal. */
  readonly isOnly: boolean;
  /** Ends when all suites of the lanes before this one have ended. */
  readonly before: Promise<unknown>;
}

async function runLane(lane: readonly Suite[], context: Lane): Promise<readonly SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const suite of lane) results.push(await runTimed(suite, context));
  return results;
}

async function runTimed(
  suite: Suite,
  { options, machine, signal, isOnly, before }: Lane,
): Promise<SuiteResult> {
  const output = isOnly ? undefined : createOutput(suite, (text) => process.stdout.write(text));
  const say = (line: string): void => void (output ?? process.stdout).write(`${line}\n`);
  if (signal.aborted) return failedOutright(`${suite}: interrupted`);
  const started = performance.now();
  say(`== ${suite} ==`);
  const run = runSuite(suite, { ...options, output, machine, signal, before }).catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    return failedOutright(signal.aborted ? `${suite}: interrupted` : `${suite}: could not start`);
  });
  const result = await run;
  say(`== ${suite}: ${closingLine(result)} in ${formatSeconds(performance.now() - started)} ==`);
  return result;
}
