// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';

export interface ClusterPlan {
  readonly workers: number;
  /** The published image has kind's own network; for the image that we build, network.ts makes the network. */
  readonly ownNetwork: boolean;
  readonly dualStack: boolean;
}

const patches = [
  // Newer kubelets refuse cgroup v1 by default.
  { kind: 'KubeletConfiguration', failCgroupV1: false },
  // A cluster that can be made again after a crash need not wait for the disk.
  {
    kind: 'ClusterConfiguration',
    etcd: { local: { extraArgs: [{ name: 'unsafe-no-fsync', value: 'true' }] } },
  },
  // On a busy machine, the control plane takes longer than kubeadm waits by default.
  {
    kind: 'InitConfiguration',
    timeouts: { kubernetesAPICall: '4m0s', controlPlaneComponentHealthCheck: '6m0s' },
  },
  { kind: 'JoinConfiguration', timeouts: { kubernetesAPICall: '4m0s', tlsBootstrap: '6m0s' } },
];

/** The configuration that `kind create cluster` reads. */
export function renderKindConfig(plan: ClusterPlan): string {
  return dump({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: {
      kubeProxyMode: 'nftables',
      ...(plan.ownNetwork ? { disableDefaultCNI: true } : {}),
      ...(plan.dualStack ? { ipFamily: 'dual' } : {}),
    },
    nodes: [{ role: 'control-plane' }, ...Array.from({ length: plan.workers }, () => ({ role: 'worker' }))],
    kubeadmConfigPatches: patches.map((patch) => dump(patch)),
  });
}
