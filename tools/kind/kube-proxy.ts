// SPDX-License-Identifier: Apache-2.0
import { kubeconfigPath } from './paths.ts';
import type { Progress } from './progress.ts';
import { createShell } from './shell.ts';
import type { Tools } from './tools.ts';

/**
 * With nftables, kube-proxy writes all of its rules anew once an hour. The release that we build leaves its map of Service
 * addresses empty then (seen on all nodes at once, twice, 60 min apart): new connections to the API server by its Service
 * are refused. One that has just started writes a whole map.
 */
const MOST_MINUTES = 20;

const SELECTOR = ['-n', 'kube-system', 'pods', '-l', 'k8s-app=kube-proxy'] as const;

/** Pure: whether one of the pods, by the times of their starts, comes to its hourly writing within the next runs. */
export function areOld(startTimes: string, now: number): boolean {
  const minutes = startTimes
    .split(/\s+/)
    .filter(Boolean)
    .map((time) => (now - Date.parse(time)) / 60_000);
  return minutes.some((each) => each > MOST_MINUTES);
}

/** Starts the kube-proxies of a cluster that was kept anew, if they are old. */
export async function refreshKubeProxy(progress: Progress, tools: Tools, name: string): Promise<void> {
  const kubeconfig = ['--kubeconfig', kubeconfigPath(name)];
  const times = ['-o', 'jsonpath={.items[*].status.startTime}'];
  const found = await createShell().attempt(tools.kubectl, [...kubeconfig, 'get', ...SELECTOR, ...times]);
  if (!found.ok || !areOld(found.stdout, Date.now())) return;
  await progress.step('Start kube-proxy anew', async (shell) => {
    await shell.run(tools.kubectl, [...kubeconfig, 'delete', ...SELECTOR, '--timeout=60s']);
    const status = ['-n', 'kube-system', 'rollout', 'status', 'daemonset/kube-proxy', '--timeout=60s'];
    await shell.run(tools.kubectl, [...kubeconfig, ...status]);
  });
}
