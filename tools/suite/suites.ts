// SPDX-License-Identifier: Apache-2.0
import { buildAll } from '../build/build.ts';
import { ensureSystemTools } from '../build/setup.ts';
import { repository } from '../kind/paths.ts';
import {
  ensureApiServer,
  ensureOldestApiServer,
  hasApiServer,
  needsApiServer,
  serverVariable,
} from './api-server.ts';
import { runChecks } from './checks.ts';
import { artifactsFolder, prepareCluster, useCluster } from './cluster.ts';
import type { Machine } from './machine.ts';
import { ensureMultus, needsMultus } from './multus.ts';
import { createOutput, type Output } from './output.ts';
import { findTestFiles, findUnmatched, type ProjectName, planStages } from './projects.ts';
import { addResults, type SuiteResult } from './report.ts';
import { runVitest } from './vitest.ts';

export const suites = ['check', 'unit', 'fuzz', 'kernel', 'cluster'] as const;
export type Suite = (typeof suites)[number];

export function isSuite(word: string): word is Suite {
  return suites.some((suite) => suite === word);
}

export interface SuiteOptions {
  /** Parts of file names; empty means all files. */
  readonly filters: readonly string[];
  /** Only tests whose names match this pattern. */
  readonly testName: string | undefined;
  /** For the cluster suite: the user's own cluster, with the chart installed. */
  readonly kubeconfig: string | undefined;
  /** The name of the local cluster that is made if there is no kubeconfig. */
  readonly cluster: string;
  /** For the kernel suite: only files with an API server, and that of the oldest Kubernetes that we promise. */
  readonly oldestKubernetes: boolean;
}

const projectsOf: Readonly<Record<Suite, readonly ProjectName[]>> = {
  check: [],
  unit: ['unit'],
  fuzz: ['fuzz'],
  kernel: ['kernel'],
  cluster: ['cluster', 'chart'],
};

/**
 * The suites of a list that have a file that matches; without a filter, all of them. A filter that matches nothing is
 * an error.
 */
export function suitesWithFiles(chosen: readonly Suite[], filters: readonly string[]): readonly Suite[] {
  if (filters.length === 0) return chosen;
  const unmatched = findUnmatched(
    repository,
    chosen.flatMap((suite) => projectsOf[suite]),
    filters,
  );
  if (unmatched.length > 0)
    throw new Error(`no test file of ${chosen.join(', ')} matches: ${unmatched.join(', ')}`);
  return chosen.filter((suite) => projectsOf[suite].some((project) => filesOf(project, filters).length > 0));
}

function filesOf(project: ProjectName, filters: readonly string[]): readonly string[] {
  return findTestFiles(repository, project, filters);
}

/** Things that the suites of a run share. */
export interface SuiteContext {
  /** Where the lines of this suite go; undefined: to the terminal, because it is the only suite. */
  readonly output: Output | undefined;
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** Ends when the suites that go first have ended; what a suite only prepares need not wait for it. */
  readonly before: Promise<unknown>;
}

type Run = SuiteOptions & SuiteContext;

/** Prepares what a suite needs, then runs it. */
export function runSuite(suite: Suite, run: Run): Promise<SuiteResult> {
  switch (suite) {
    case 'check':
      return run.machine.share(() => runChecks(run.output ?? process.stderr));
    case 'unit':
      return runProject('unit', run);
    case 'fuzz':
      return runFuzz(run);
    case 'kernel':
      return runKernel(run);
    case 'cluster':
      return runCluster(run);
  }
}

/** Without root, the programs of the data path are skipped with that reason. */
async function runFuzz(run: Run): Promise<SuiteResult> {
  if (process.getuid?.() === 0) await run.machine.prepare(() => prepareMachine());
  return runProject('fuzz', run);
}

async function runKernel(run: Run): Promise<SuiteResult> {
  if (process.getuid?.() !== 0) {
    // CI runs as root. A CI run that cannot test the kernel must fail.
    if (process.env.CI) throw new Error('The kernel tests need root: network namespaces and BPF programs.');
    const reason = 'needs root: run "sudo npm run test:kernel"';
    return { ...addResults([]), skipped: [{ name: 'the kernel suite', reason }] };
  }
  await run.machine.prepare(() => prepareMachine());
  const files = filesOf('kernel', run.filters);
  if (run.oldestKubernetes) return runOnOldest(files.filter(needsApiServer), run);
  // With empty caches, the lane of the cluster builds the API server meanwhile, so these files run last.
  const last = hasApiServer() ? [] : files.filter(needsApiServer);
  const results = [await runProject('kernel', run, { files: files.filter((file) => !last.includes(file)) })];
  if (last.length > 0) {
    await ensureApiServer(run.output ?? process.stderr);
    results.push(await runProject('kernel', run, { files: last }));
  }
  return addResults(results);
}

async function runOnOldest(files: readonly string[], run: Run): Promise<SuiteResult> {
  const output = run.output ?? process.stderr;
  await ensureApiServer(output);
  const env = { [serverVariable]: await ensureOldestApiServer(output) };
  return runProject('kernel', run, { files, env });
}

async function runCluster(run: Run): Promise<SuiteResult> {
  const { kubeconfig, cluster, output = process.stderr, machine } = run;
  // Without root there are no machines outside the cluster; the tests that need them are skipped with that reason.
  if (process.getuid?.() === 0) await machine.prepare(() => prepareMachine());
  const prepare = async () => {
    if (kubeconfig) return useCluster(kubeconfig, output);
    const prepared = await prepareCluster(cluster, output);
    // A node of our own cluster gets Multus.
    if (filesOf('cluster', run.filters).some(needsMultus)) await ensureMultus(output);
    return prepared;
  };
  const env = {
    ...(await machine.share(prepare)),
    HEDDLE_ARTIFACTS: artifactsFolder(),
    // Only in a cluster that we made may a test of the uninstall delete networks.
    ...(kubeconfig ? {} : { HEDDLE_TEST_OWN_CLUSTER: '1' }),
  };
  await run.before;
  const results: SuiteResult[] = [];
  for (const project of projectsOf.cluster) results.push(await runProject(project, run, { env }));
  return addResults(results);
}

/** Installs the packages and programs of all suites first, so that no two suites install packages at the same time. */
async function prepareMachine(): Promise<void> {
  await ensureSystemTools('build', 'kernel', 'vpn');
  await buildAll();
}

interface ProjectOptions {
  readonly files?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the files of a project, stage after stage; does nothing when there are no files. */
async function runProject(
  project: ProjectName,
  run: Run,
  options: ProjectOptions = {},
): Promise<SuiteResult> {
  const { filters, testName, output, machine, signal } = run;
  const { files: chosen = filesOf(project, filters), env = {} } = options;
  const results: SuiteResult[] = [];
  for (const { groups, quiet } of planStages(project, chosen)) {
    const work = async (): Promise<SuiteResult> =>
      addResults(
        await Promise.all(
          groups.map(({ files, workers }) => {
            const own = groups.length > 1 ? outputBeside(project, output) : output;
            return runVitest({ project, files, workers, testName, env, output: own, signal });
          }),
        ),
      );
    results.push(await (quiet ? machine.alone(work) : machine.share(work)));
  }
  return addResults(results);
}

/** Where one of several processes that run at the same time prints: each passes on whole lines only. */
function outputBeside(project: ProjectName, output: Output | undefined): Output {
  return output?.beside() ?? createOutput(project, (text) => process.stdout.write(text));
}
