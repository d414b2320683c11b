// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';

export interface ClusterPlan {
  readonly workers: number;
  /** The published image brings kind's own network; the one we build leaves it to network.ts. */
  readonly ownNetwork: boolean;
  readonly dualStack: boolean;
}

const patches = [
  // A kubelet of today refuses cgroup v1 unless it is told not to.
  { kind: 'KubeletConfiguration', failCgroupV1: false },
  // A cluster that is made anew after a crash need not wait for the disk.
  {
    kind: 'ClusterConfiguration',
    etcd: { local: { extraArgs: [{ name: 'unsafe-no-fsync', value: 'true' }] } },
  },
  // On a machine that is busy besides, the control plane takes longer than kubeadm would wait.
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
