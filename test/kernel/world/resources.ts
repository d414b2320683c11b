import type { ChainEnd, ChainPort, ChainSlice, Port, VirtualNetwork } from '../../../operator/api/index.ts';
import type { Node } from '../../../operator/runtime/slim.ts';

/** Resources as the operator writes them, from the few words that a test says. */

const API = 'heddle.dev/v1alpha1' as const;
const EPOCH = '2026-01-01T00:00:00Z';
const ACCEPTED = {
  type: 'Accepted',
  status: 'True',
  reason: 'Accepted',
  message: '',
  lastTransitionTime: EPOCH,
} as const;

export interface NetworkPlan {
  readonly name: string;
  readonly vni: number;
  readonly subnets: readonly string[];
}

export interface ChainPlan {
  readonly name: string;
  readonly network: string;
  readonly pathId: number;
  readonly priority?: number;
  readonly ports?: readonly ChainPort[];
  readonly from: ChainEnd;
  readonly to: ChainEnd;
  /** Names of instances, one a hop; an empty name is a hop without any. */
  readonly hops: readonly (string | { readonly instance: string; readonly onFailure: 'Open' | 'Closed' })[];
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

export function renderNode(name: string, ip: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, labels: {} },
    status: { internalIPs: [ip], ready: true },
  };
}

export function renderNetworkObject({ name, vni, subnets }: NetworkPlan): VirtualNetwork {
  return {
    apiVersion: API,
    kind: 'VirtualNetwork',
    metadata: { namespace: 'test', name, uid: name, generation: 1, resourceVersion: '1' },
    spec: { subnets: subnets.map((cidr) => ({ cidr })) } as unknown as VirtualNetwork['spec'],
    status: { vni } as NonNullable<VirtualNetwork['status']>,
  };
}

export function renderPodPort(options: {
  readonly name: string;
  readonly node: string;
  readonly network: string;
  readonly vni: number;
  readonly addresses: readonly string[];
  readonly prefixes?: readonly string[];
  readonly index: number;
}): Port {
  const { name, node, network, vni, addresses, prefixes, index } = options;
  return {
    apiVersion: API,
    kind: 'Port',
    metadata: { namespace: 'test', name, uid: name, generation: 1, resourceVersion: '1' },
    spec: {
      network: { namespace: 'test', name: network },
      vni,
      pod: { name, uid: `uid-${name}` },
      node,
      interface: 'net1',
      addresses,
      mac: `06:00:00:00:${hex(index >> 8)}:${hex(index & 0xff)}`,
      ...(prefixes ? { prefixes } : {}),
    },
    status: { conditions: [ACCEPTED] },
  };
}

export function renderInstancePort({
  name,
  node,
  id,
}: {
  readonly name: string;
  readonly node: string;
  readonly id: number;
}): Port {
  return {
    apiVersion: API,
    kind: 'Port',
    metadata: { namespace: 'test', name, uid: name, generation: 1, resourceVersion: '1' },
    spec: {
      pod: { name, uid: `uid-${name}` },
      node,
      interface: 'chain0',
      mac: `0e:00:00:00:${hex(id >> 8)}:${hex(id & 0xff)}`,
      instance: id,
      function: { kind: 'Firewall', name },
    },
    status: { conditions: [ACCEPTED] },
  };
}

export function renderSlice(
  chain: ChainPlan,
  world: { readonly vni: number; readonly ports: readonly Port[] },
): ChainSlice {
  const hops = chain.hops.map((hop) => {
    const { instance, onFailure } =
      typeof hop === 'string' ? { instance: hop, onFailure: 'Closed' as const } : hop;
    const port = world.ports.find(({ metadata }) => metadata.name === instance);
    const instances =
      port?.spec.instance === undefined ? [] : [{ id: port.spec.instance, node: port.spec.node }];
    return { kind: 'Firewall', name: instance || 'missing', onFailure, instances };
  });
  return {
    apiVersion: API,
    kind: 'ChainSlice',
    metadata: {
      namespace: 'test',
      name: `${chain.name}-0`,
      uid: chain.name,
      generation: 1,
      resourceVersion: String(Math.random()),
    },
    spec: {
      chain: chain.name,
      generation: 1,
      network: { namespace: 'test', name: chain.network },
      vni: world.vni,
      pathId: chain.pathId,
      priority: chain.priority ?? 1000,
      createdAt: EPOCH,
      slice: 0,
      slices: 1,
      ...(chain.ports ? { ports: chain.ports } : {}),
      hops,
      from: chain.from,
      to: chain.to,
    },
  };
}
