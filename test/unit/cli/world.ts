// SPDX-License-Identifier: Apache-2.0
import type { Firewall, NodeReport, Port, ServiceChain, VirtualNetwork } from '../../../api/index.ts';
import type { World } from '../../../cli/status/world.ts';
import type { Node } from '../../../kube/slim.ts';

export const NOW = Date.parse('2026-11-23T12:00:00Z');
const LONG_AGO = '2026-11-23T11:00:00Z';
const API = 'heddle.dev/v1alpha1' as const;

export function condition(type: string, status: 'True' | 'False', reason: string, message = 'because') {
  return { type, status, reason, message, lastTransitionTime: LONG_AGO };
}

function metadata(name: string) {
  return { namespace: 'shop', name, uid: name, generation: 2, creationTimestamp: LONG_AGO };
}

export function network(conditions = [condition('Ready', 'True', 'Ready')]): VirtualNetwork {
  return {
    apiVersion: API,
    kind: 'VirtualNetwork',
    metadata: metadata('shop'),
    spec: { subnets: [{ cidr: '10.20.0.0/16' }], attach: { namespaces: 'Same' } },
    status: { observedGeneration: 2, vni: 4097, conditions },
  };
}

export function firewall(conditions = [condition('Ready', 'True', 'Ready')]): Firewall {
  return {
    apiVersion: API,
    kind: 'Firewall',
    metadata: metadata('edge'),
    spec: { replicas: 2, defaultAction: 'Drop', stateful: true, drainSeconds: 30 },
    status: { observedGeneration: 2, conditions },
  };
}

export function chain(options: {
  readonly conditions?: ReturnType<typeof condition>[];
  readonly ready?: number;
  readonly state?: 'Healthy' | 'Degraded' | 'Failed';
  readonly onFailure?: 'Open' | 'Closed';
}): ServiceChain {
  const {
    conditions = [condition('Ready', 'True', 'Ready')],
    ready = 2,
    state = 'Healthy',
    onFailure = 'Closed',
  } = options;
  return {
    apiVersion: API,
    kind: 'ServiceChain',
    metadata: metadata('storefront'),
    spec: {
      network: 'shop',
      priority: 1000,
      establishedFlows: 'Through',
      functions: [{ kind: 'Firewall', name: 'edge', onFailure }],
    },
    status: {
      observedGeneration: 2,
      pathId: 3,
      functions: [{ kind: 'Firewall', name: 'edge', ready, desired: 2, state }],
      conditions,
    },
  };
}

export function port(
  name: string,
  options: { readonly node?: string; readonly instance?: number; readonly ready?: boolean } = {},
): Port {
  const { node = 'one', instance, ready = true } = options;
  return {
    apiVersion: API,
    kind: 'Port',
    metadata: metadata(`${name}-net1`),
    spec: {
      pod: { name, uid: name },
      node,
      interface: instance === undefined ? 'net1' : 'chain0',
      ...(instance === undefined
        ? { network: { namespace: 'shop', name: 'shop' }, vni: 4097, addresses: ['10.20.0.5', 'fd20::5'] }
        : { instance, function: { kind: 'Firewall' as const, name: 'edge' } }),
    },
    ...(ready ? { status: { conditions: [condition('Ready', 'True', 'Attached')] } } : {}),
  };
}

export function report(name: string, status: NodeReport['status'] = {}): NodeReport {
  const conditions = [condition('Ready', 'True', 'AgentRunning')];
  return {
    apiVersion: 'internal.heddle.dev/v1alpha1',
    kind: 'NodeReport',
    metadata: { namespace: 'heddle-system', name },
    status: { conditions, ...status },
  };
}

export function node(name: string, ready = true): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, labels: {} },
    status: { internalIPs: ['10.0.0.1'], ready },
  };
}

export function see<T>(value: T) {
  return { kind: 'Seen' as const, value };
}

/** A healthy cluster of two nodes, with the test's changes. */
export function world(changes: Partial<World> = {}): World {
  return {
    systemNamespace: 'heddle-system',
    namespace: undefined,
    now: NOW,
    networks: [network()],
    chains: [chain({})],
    slices: [],
    firewalls: [firewall()],
    loadBalancers: [],
    customFunctions: [],
    vpns: [],
    vpnPeers: [],
    ports: [port('web'), port('edge-1', { instance: 7, node: 'two' })],
    waiting: see([]),
    services: see([]),
    operator: see({ spec: { replicas: 2 }, status: { readyReplicas: 2 } }),
    leader: see({ holder: 'heddle-operator-a', ageMs: 3000, durationMs: 15_000 }),
    agents: see({ status: { desiredNumberScheduled: 2, numberReady: 2 } }),
    agentPods: see(
      ['one', 'two'].map((name) => ({ name: `agent-${name}`, node: name, ready: true, why: '' })),
    ),
    reports: see([report('one'), report('two')]),
    nodes: see([node('one'), node('two')]),
    kernels: see([{ node: 'one', seconds: 1, down: [], packets: { multicast: 3, hop_down: 0 } }]),
    ...changes,
  };
}
