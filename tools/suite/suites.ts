import { buildAll } from '../build/build.ts';
import { ensureSystemTools } from '../build/setup.ts';
import { runChecks } from './checks.ts';
import { artifactsFolder, prepareCluster, useCluster } from './cluster.ts';
import { addResults, type SuiteResult } from './report.ts';
import { runVitest } from './vitest.ts';

export const suites = ['check', 'unit', 'kernel', 'cluster'] as const;
export type Suite = (typeof suites)[number];

export function isSuite(word: string): word is Suite {
  return suites.some((suite) => suite === word);
}

export interface SuiteOptions {
  readonly filters: readonly string[];
  /** For the cluster suite: a cluster of the caller's, with the chart installed. */
  readonly kubeconfig: string | undefined;
  /** The name of the local cluster that is made otherwise. */
  readonly cluster: string;
}

/** Brings what a suite needs, then runs it. */
export async function runSuite(suite: Suite, options: SuiteOptions): Promise<SuiteResult> {
  const { filters } = options;
  switch (suite) {
    case 'check':
      return runChecks();
    case 'unit':
      return runVitest({ project: 'unit', filters });
    case 'kernel':
      return runKernel(filters);
    case 'cluster':
      return runCluster(options);
  }
}

async function runCluster({ filters, kubeconfig, cluster }: SuiteOptions): Promise<SuiteResult> {
  // Without root there are no machines outside the cluster; those tests say so then.
  if (process.getuid?.() === 0) await ensureSystemTools('vpn');
  const env = {
    ...(kubeconfig ? await useCluster(kubeconfig) : await prepareCluster(cluster)),
    HEDDLE_ARTIFACTS: artifactsFolder(),
    // Only a cluster that we made may lose its networks to a test of the uninstall.
    ...(kubeconfig ? {} : { HEDDLE_TEST_OWN_CLUSTER: '1' }),
  };
  const results: SuiteResult[] = [];
  for (const project of ['cluster', 'chart'] as const) {
    results.push(await runVitest({ project, filters, env }));
  }
  return addResults(results);
}

async function runKernel(filters: readonly string[]): Promise<SuiteResult> {
  if (process.getuid?.() !== 0) {
    // CI runs as root; there, being unable to test the kernel is a failure, not a choice.
    if (process.env.CI) throw new Error('The kernel tests need root: network namespaces and BPF programs.');
    const reason = 'needs root: run "sudo npm run test:kernel"';
    return { passed: 0, failed: 0, skipped: [{ name: 'the kernel suite', reason }], failures: [] };
  }
  await ensureSystemTools('build', 'kernel', 'vpn');
  await buildAll();
  return runVitest({ project: 'kernel', filters });
}
