import { buildAll } from '../build/build.ts';
import { ensureSystemTools } from '../build/setup.ts';
import { repository } from '../kind/paths.ts';
import { ensureApiServer, needsApiServer } from './api-server.ts';
import { runChecks } from './checks.ts';
import { artifactsFolder, prepareCluster, useCluster } from './cluster.ts';
import { findTestFiles, findUnmatched, type ProjectName } from './projects.ts';
import { addResults, type SuiteResult } from './report.ts';
import { runVitest } from './vitest.ts';

export const suites = ['check', 'unit', 'kernel', 'cluster'] as const;
export type Suite = (typeof suites)[number];

export function isSuite(word: string): word is Suite {
  return suites.some((suite) => suite === word);
}

export interface SuiteOptions {
  /** Parts of file names; none is all files. */
  readonly filters: readonly string[];
  /** Only tests whose names match this pattern. */
  readonly testName: string | undefined;
  /** For the cluster suite: a cluster of the caller's, with the chart installed. */
  readonly kubeconfig: string | undefined;
  /** The name of the local cluster that is made otherwise. */
  readonly cluster: string;
}

const projectsOf: Readonly<Record<Suite, readonly ProjectName[]>> = {
  check: [],
  unit: ['unit'],
  kernel: ['kernel'],
  cluster: ['cluster', 'chart'],
};

/** The suites of a list that have a file of that name, or all without a filter. A filter that fits none is an error. */
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

/** Brings what a suite needs, then runs it. */
export async function runSuite(suite: Suite, options: SuiteOptions): Promise<SuiteResult> {
  const { filters, testName } = options;
  switch (suite) {
    case 'check':
      return runChecks();
    case 'unit':
      return runVitest({ project: 'unit', files: filesOf('unit', filters), testName });
    case 'kernel':
      return runKernel(options);
    case 'cluster':
      return runCluster(options);
  }
}

async function runCluster({ filters, testName, kubeconfig, cluster }: SuiteOptions): Promise<SuiteResult> {
  // Without root there are no machines outside the cluster; those tests say so then.
  if (process.getuid?.() === 0) await ensureSystemTools('vpn');
  const env = {
    ...(kubeconfig ? await useCluster(kubeconfig) : await prepareCluster(cluster)),
    HEDDLE_ARTIFACTS: artifactsFolder(),
    // Only a cluster that we made may lose its networks to a test of the uninstall.
    ...(kubeconfig ? {} : { HEDDLE_TEST_OWN_CLUSTER: '1' }),
  };
  const results: SuiteResult[] = [];
  for (const project of projectsOf.cluster) {
    const files = filesOf(project, filters);
    if (files.length > 0) results.push(await runVitest({ project, files, testName, env }));
  }
  return addResults(results);
}

async function runKernel({ filters, testName }: SuiteOptions): Promise<SuiteResult> {
  if (process.getuid?.() !== 0) {
    // CI runs as root; there, being unable to test the kernel is a failure, not a choice.
    if (process.env.CI) throw new Error('The kernel tests need root: network namespaces and BPF programs.');
    const reason = 'needs root: run "sudo npm run test:kernel"';
    return { passed: 0, failed: 0, skipped: [{ name: 'the kernel suite', reason }], failures: [] };
  }
  await ensureSystemTools('build', 'kernel', 'vpn');
  await buildAll();
  const files = filesOf('kernel', filters);
  if (files.some(needsApiServer)) await ensureApiServer();
  return runVitest({ project: 'kernel', files, testName });
}
