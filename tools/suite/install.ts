// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { selectorOfHeddle, systemNamespace } from '../../api/names.ts';
import { buildAll } from '../build/build.ts';
import { release } from '../cluster/helm.ts';
import { type Cluster, up } from '../kind/cluster.ts';
import { imageId } from '../kind/engine/images.ts';
import { buildImages, loadImages } from '../kind/images.ts';
import { repository } from '../kind/paths.ts';
import type { Progress } from '../kind/progress.ts';
import type { Shell } from '../kind/shell.ts';

/** Prepares a cluster that runs operator, agents and functions of this checkout. It is quick when nothing changed. */
export async function bringUp(name: string, progress: Progress): Promise<Cluster> {
  await progress.step('Build the programs', () => buildAll());
  const cluster = await up({ name, progress });
  const names = await buildImages({ progress, engine: cluster.engine });
  const changed = await loadImages(cluster, names, progress);
  await installChart(cluster, progress);
  if (changed.some((image) => /\/(firewall|loadbalancer|custom|vpn):/.test(image)))
    await restartFunctions(cluster, progress);
  return cluster;
}

/** Installs or upgrades the chart, and waits until operator and agents are ready. */
export async function installChart(cluster: Cluster, progress: Progress): Promise<void> {
  const annotations = await Promise.all(
    ['operator', 'agent'].map(async (component) => {
      // All images have the tag "dev"; the image id in the pod template makes a changed image roll out.
      const id = (await imageId(cluster.engine, `localhost/heddle/${component}:dev`)) ?? 'unknown';
      return ['--set-string', `${component}.podAnnotations.heddle\\.dev/image=${id.slice(0, 12)}`];
    }),
  );
  await progress.step('Install the chart', async (shell) => {
    // As docs/install.md has it: agents need Pod Security's level privileged, whatever the cluster's default is.
    const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: systemNamespace, labels },
    };
    await shell.run(
      cluster.tools.kubectl,
      ['--kubeconfig', cluster.kubeconfig, 'apply', '--server-side', '-f', '-'],
      {
        input: JSON.stringify(namespace),
      },
    );
    await shell.run(cluster.tools.helm, [
      ...[
        'upgrade',
        release,
        join(repository, 'charts/heddle'),
        '--install',
        '--kubeconfig',
        cluster.kubeconfig,
      ],
      ...['--namespace', systemNamespace, '--take-ownership', '--wait', '--timeout', '3m'],
      ...annotations.flat(),
    ]);
  });
}

/** Restarts the pods of functions whose image changed: a running pod keeps the image that it started with. */
async function restartFunctions(cluster: Cluster, progress: Progress): Promise<void> {
  const kubectl = (shell: Shell, args: readonly string[]): Promise<string> =>
    shell.run(cluster.tools.kubectl, ['--kubeconfig', cluster.kubeconfig, ...args]);
  const selector = selectorOfHeddle('function');
  await progress.step('Restart running functions', async (shell) => {
    const columns = ['-o', 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\\n"}{end}'];
    const found = await kubectl(shell, [
      'get',
      'deployments',
      '--all-namespaces',
      '-l',
      selector,
      ...columns,
    ]);
    for (const line of found.split('\n').filter(Boolean)) {
      const [namespace = '', name = ''] = line.split(' ');
      await kubectl(shell, ['-n', namespace, 'rollout', 'restart', `deployment/${name}`]);
    }
  });
}
