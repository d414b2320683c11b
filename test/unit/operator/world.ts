// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';
import { functionLabelOf, objectNameOf } from '../../../api/function-names.ts';
import type {
  Firewall,
  Port,
  VirtualNetwork,
  VirtualNetworkSpec,
  VirtualNetworkStatus,
} from '../../../api/index.ts';
import type { OwnerReference } from '../../../api/object-meta.ts';
import { compilePod } from '../../../operator/compile/ports/pod.ts';
import type { PodPlan } from '../../../operator/compile/ports/types.ts';
import type { WorkloadOwner } from '../../../operator/compile/workload/types.ts';
import { ledgerOf } from '../../../operator/controllers/network/ledger.ts';
import { observePod } from '../../../operator/controllers/pod/snapshot.ts';
import { createStores, type WritableStores } from '../../../operator/observe/observation.ts';
import type { Pod } from '../../../operator/observe/stores.ts';

/** Formats a value as in the golden files, for people to read. */
export function golden(value: unknown): string {
  return dump(value, { lineWidth: 110 });
}

export const CREATED = '2026-11-23T15:00:00Z';

export function makeNetwork(
  name: string,
  options: {
    readonly spec?: Partial<VirtualNetworkSpec>;
    readonly status?: VirtualNetworkStatus;
    readonly metadata?: object;
  } = {},
): VirtualNetwork {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'VirtualNetwork',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      generation: 1,
      creationTimestamp: CREATED,
      ...options.metadata,
    },
    spec: { subnets: [{ cidr: '10.20.0.0/24' }], attach: { namespaces: 'Same' }, ...options.spec },
    status: options.status ?? { vni: 4097, mtu: 1450 },
  };
}

/** The Firewall `shop/edge`. */
export function makeFirewall(): Firewall {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Firewall',
    metadata: { name: 'edge', namespace: 'shop', uid: 'uid-edge' },
    spec: { replicas: 1, drainSeconds: 30, defaultAction: 'Drop', stateful: true },
  };
}

export function makePod(
  name: string,
  options: {
    readonly networks?: string | object;
    readonly namespace?: string;
    readonly node?: string | undefined;
    readonly phase?: Pod['status']['phase'];
    readonly hostNetwork?: boolean;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  } = {},
): Pod {
  const { networks } = options;
  const text = typeof networks === 'object' ? JSON.stringify(networks) : networks;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: options.namespace ?? 'shop',
      uid: `uid-of-${name}`,
      labels: options.labels ?? {},
      annotations: {
        ...(text === undefined ? {} : { 'k8s.v1.cni.cncf.io/networks': text }),
        ...options.annotations,
      },
      ownerReferences: [],
    },
    spec: {
      nodeName: 'node' in options ? options.node : 'worker-1',
      hostNetwork: options.hostNetwork ?? false,
    },
    status: { phase: options.phase ?? 'Pending', podIPs: [], ready: false },
  };
}

export function makeStores(networks: readonly VirtualNetwork[] = [makeNetwork('net')]): WritableStores {
  const stores = createStores();
  for (const name of ['worker-1', 'worker-2']) {
    stores.nodes.set({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, uid: `uid-${name}`, labels: {} },
      status: { internalIPs: [], ready: true },
    });
  }
  for (const network of networks) stores.virtualNetworks.set(network);
  return stores;
}

/** A workload as it owns the objects that make its pods. */
export type Workload = Pick<WorkloadOwner, 'kind' | 'name' | 'uid'>;

/**
 * The pod as the Deployment of a workload makes it. The Deployment and its ReplicaSet are added to the stores, with the
 * owners that a link of the chain may have instead.
 */
export function makeInstance(
  stores: WritableStores,
  workload: Workload,
  pod: Pod,
  instead: { readonly replicaSet?: OwnerReference; readonly deployment?: OwnerReference } = {},
): Pod {
  const { namespace } = pod.metadata;
  const name = objectNameOf(workload.kind, workload.name);
  const label = functionLabelOf(workload.kind, workload.name);
  const metadata = {
    namespace,
    labels: { 'app.kubernetes.io/name': 'heddle', 'heddle.dev/function': label },
  };
  const ownerOf = instead.deployment ?? { apiVersion: 'heddle.dev/v1alpha1', ...workload, controller: true };
  const deployment = { ...metadata, name, uid: `uid-${name}`, ownerReferences: [ownerOf] };
  stores.deployments.set({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: deployment });
  const makerOf = instead.replicaSet ?? controllerRef('Deployment', name);
  const set = { ...metadata, name: `${name}-5d`, uid: `uid-${name}-5d`, ownerReferences: [makerOf] };
  stores.replicaSets.set({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: set });
  const ownerReferences = [controllerRef('ReplicaSet', `${name}-5d`)];
  return { ...pod, metadata: { ...pod.metadata, ownerReferences } };
}

export function controllerRef(kind: string, name: string): OwnerReference {
  return { apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true };
}

/** The plan for a pod, computed as the controller does. */
export function planFor(stores: WritableStores, pod: Pod): PodPlan {
  return compilePod(observePod({ stores, ledger: ledgerOf(stores), pod }));
}

let version = 100;

/** The addresses of the Ports that a plan creates. */
export function addressesOf(plan: PodPlan): readonly (readonly string[] | undefined)[] {
  return plan.create.map(({ port }) => port.spec.addresses);
}

/** Adds the Ports of a plan to the stores, as if they were created and accepted or not. */
export function settle(stores: WritableStores, plan: PodPlan, accepted = true): readonly Port[] {
  return plan.create.map(({ port }) => {
    version += 1;
    const metadata = {
      ...port.metadata,
      uid: `uid-${version}`,
      resourceVersion: String(version),
      creationTimestamp: CREATED,
    };
    const settled: Port = {
      ...port,
      metadata,
      ...(accepted ? { status: { conditions: [condition('Accepted', 'True')] } } : {}),
    };
    stores.ports.set(settled);
    return settled;
  });
}

export function condition(type: string, status: 'True' | 'False', reason = 'Test') {
  return { type, status, reason, message: '', lastTransitionTime: CREATED } as const;
}
