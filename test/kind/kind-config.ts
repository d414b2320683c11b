import { dump } from 'js-yaml';

export interface ClusterPlan {
  readonly workers: number;
  /** The published image brings kind's own network; the one we build leaves it to network.ts. */
  readonly ownNetwork: boolean;
  readonly dualStack: boolean;
}

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
    // A kubelet of today refuses cgroup v1 unless it is told not to.
    kubeadmConfigPatches: ['kind: KubeletConfiguration\nfailCgroupV1: false\n'],
  });
}
