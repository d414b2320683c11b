// SPDX-License-Identifier: Apache-2.0
import { join, resolve } from 'node:path';
import { selectorOfHeddle } from '../../api/names.ts';
import { release } from '../cluster/helm.ts';
import { repository } from '../kind/paths.ts';
import { createProgress, type Terminal } from '../kind/progress.ts';
import { createShell } from '../kind/shell.ts';
import { ensureTools, type Tools } from '../kind/tools.ts';
import { bringUp } from './install.ts';

/** The environment that test/cluster/support reads. */
export type ClusterEnvironment = Readonly<Record<string, string>>;

/** Prepares our own cluster with the chart of this checkout: it is made or brought up to date if needed. */
export async function prepareCluster(name: string, out?: Terminal): Promise<ClusterEnvironment> {
  const cluster = await bringUp(name, createProgress(`test-${name}`, out));
  return describeCluster(cluster.kubeconfig, cluster.tools);
}

/** Uses a cluster of the user: nothing is built, loaded or installed there. */
export async function useCluster(kubeconfig: string, out?: Terminal): Promise<ClusterEnvironment> {
  return describeCluster(resolve(kubeconfig), await ensureTools(createProgress('tools', out)));
}

interface DaemonSets {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
    };
  }[];
}

/** Finds where the chart is installed, and an image that every node can pull: the agent's. */
async function describeCluster(kubeconfig: string, tools: Tools): Promise<ClusterEnvironment> {
  const selector = selectorOfHeddle('agent');
  const args = [
    '--kubeconfig',
    kubeconfig,
    'get',
    'daemonsets',
    '--all-namespaces',
    '-l',
    selector,
    '-o',
    'json',
  ];
  const [agent] = (JSON.parse(await createShell().run(tools.kubectl, args)) as DaemonSets).items;
  const image = agent?.spec.template.spec.containers[0]?.image;
  if (!agent || !image) {
    throw new Error(
      `The cluster of ${kubeconfig} does not have the chart: helm install ${release} charts/heddle`,
    );
  }
  return {
    KUBECONFIG: kubeconfig,
    HEDDLE_KUBECTL: tools.kubectl,
    HEDDLE_HELM: tools.helm,
    HEDDLE_SYSTEM_NAMESPACE: agent.metadata.namespace,
    HEDDLE_TEST_IMAGE: image,
  };
}

/** The folder of this run for the artifacts of failed tests. */
export function artifactsFolder(): string {
  return join(repository, 'artifacts', new Date().toISOString().replaceAll(/[:.]/g, '-'));
}
