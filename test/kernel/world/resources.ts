// SPDX-License-Identifier: Apache-2.0
import { instanceMac } from '../../../api/context/context.ts';
import type {
  ChainEnd,
  ChainHop,
  ChainListener,
  ChainPort,
  ChainSlice,
  Port,
  VirtualNetwork,
} from '../../../api/index.ts';
import { formatMac } from '../../../api/net/mac.ts';
import type { Node } from '../../../kube/slim.ts';

/** Resources as the operator writes them, from the short descriptions of a test. */

const API = 'heddle.dev/v1alpha1' as const;
const FUNCTION_KIND = 'Firewall';
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
  /** Whether established flows use the fast path. */
  readonly straight?: boolean;
  /** Listeners of a load balancer that the fast path bypasses. */
  readonly listeners?: readonly ChainListener[];
  /** Addresses of a load balancer among `to`. */
  readonly virtual?: readonly string[];
  readonly from: ChainEnd;
  readonly to: ChainEnd;
  /** Where load balancers of the chain send; absent as from an operator that does not say it. */
  readonly behind?: ChainEnd;
  readonly hops: readonly HopPlan[];
  /** Whether the slice is in the API group of the former release; until then there is no other. */
  readonly former?: boolean;
}

/**
 * A hop by the names of its instances. One name is a hop of one instance, an empty name a hop without any. Instances of
 * one hop are of one function: `World.addInstance({..., function})`.
 */
export type HopPlan =
  | string
  | { readonly instance: string; readonly onFailure: 'Open' | 'Closed' }
  | { readonly instances: readonly (string | InstancePlan)[]; readonly onFailure?: 'Open' | 'Closed' };

export interface InstancePlan {
  readonly name: string;
  readonly weight?: number;
  readonly state?: 'Draining' | 'Down' | 'Unready';
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
  function: functionName = name,
  kind = FUNCTION_KIND,
  interface: ownInterface = 'chain0',
}: {
  readonly name: string;
  readonly node: string;
  readonly id: number;
  /** The function of the instance; by default a function of its own name. */
  readonly function?: string;
  readonly kind?: string;
  /** `left` stands for left and right. */
  readonly interface?: 'chain0' | 'left';
}): Port {
  return {
    apiVersion: API,
    kind: 'Port',
    metadata: { namespace: 'test', name, uid: name, generation: 1, resourceVersion: '1' },
    spec: {
      pod: { name, uid: `uid-${name}` },
      node,
      interface: ownInterface,
      mac: formatMac(instanceMac(id)),
      instance: id,
      // The kind may be one that the API does not have yet: the data path does not use it.
      function: { kind: kind as typeof FUNCTION_KIND, name: functionName },
    },
    status: { conditions: [ACCEPTED] },
  };
}

export function renderSlice(
  chain: ChainPlan,
  world: { readonly vni: number; readonly ports: readonly Port[] },
): ChainSlice {
  return {
    apiVersion: chain.former ? API : 'internal.heddle.dev/v1alpha1',
    kind: 'ChainSlice',
    metadata: {
      namespace: 'test',
      name: `${chain.name}-0`,
      uid: chain.former ? `former ${chain.name}` : chain.name,
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
      ...(chain.straight ? { straight: true } : {}),
      ...(chain.listeners ? { listeners: chain.listeners } : {}),
      ...(chain.virtual ? { virtual: chain.virtual } : {}),
      hops: chain.hops.map((hop) => renderHop(hop, world.ports)),
      from: chain.from,
      to: chain.to,
      ...(chain.behind ? { behind: chain.behind } : {}),
    },
  };
}

function renderHop(hop: HopPlan, ports: readonly Port[]): ChainHop {
  const { plans, onFailure } = parseHop(hop);
  const found = plans.map((plan) => ({ plan, spec: instanceSpec(plan.name, ports) }));
  const names = new Set(found.map(({ spec }) => spec.function.name));
  // A pool has the function's name, so instances of two functions would be two pools.
  if (names.size > 1) throw new Error(`one hop, instances of several functions: ${[...names].join(', ')}`);
  const instances = found
    .map(({ plan: { name: _, ...rest }, spec }) => ({ id: spec.instance, node: spec.node, ...rest }))
    .sort((a, b) => a.id - b.id);
  const kind = found[0]?.spec.function.kind ?? FUNCTION_KIND;
  return { kind, name: [...names][0] ?? 'missing', onFailure, instances };
}

function parseHop(hop: HopPlan): {
  readonly plans: readonly InstancePlan[];
  readonly onFailure: 'Open' | 'Closed';
} {
  if (typeof hop === 'string') return { plans: planOf(hop), onFailure: 'Closed' };
  if ('instance' in hop) return { plans: planOf(hop.instance), onFailure: hop.onFailure };
  return { plans: hop.instances.flatMap(planOf), onFailure: hop.onFailure ?? 'Closed' };
}

function planOf(instance: string | InstancePlan): readonly InstancePlan[] {
  if (instance === '') return [];
  return [typeof instance === 'string' ? { name: instance } : instance];
}

function instanceSpec(name: string, ports: readonly Port[]) {
  const spec = ports.find(({ metadata }) => metadata.name === name)?.spec;
  if (spec?.instance === undefined || !spec.function) throw new Error(`no instance ${name} in this world`);
  return { instance: spec.instance, function: spec.function, node: spec.node };
}
