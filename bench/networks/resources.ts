// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, Port, VirtualNetwork } from '../../api/index.ts';
import {
  renderInstancePort,
  renderNetworkObject,
  renderNode,
  renderPodPort,
  renderSlice,
} from '../../test/kernel/world/resources.ts';
import { type Plan, REMOTE_PORTS } from './scenario.ts';

/** What the API server tells the agent of `here`: all networks, and a chain in each through the instance that is here. */

export const HERE = 'here';
const OTHERS = ['there-1', 'there-2', 'there-3'];
/** The instance of the firewall on this node, which all chains use; the second instance is on another node. */
const INSTANCE = { name: 'edge', id: 1 };

export const NODES = [HERE, ...OTHERS].map((name, index) => renderNode(name, `172.31.0.${index + 1}`));

export interface Resources {
  readonly networks: readonly VirtualNetwork[];
  readonly ports: readonly Port[];
  readonly slices: readonly ChainSlice[];
  /** The Ports of this node: those of pods, and that of the instance. */
  readonly local: { readonly pods: readonly Port[]; readonly instance: Port };
}

export function renderResources({ networks: count, attached }: Plan): Resources {
  const instance = renderInstancePort({ ...INSTANCE, node: HERE });
  const second = renderInstancePort({ name: 'edge-2', id: 2, node: OTHERS[0]! });
  const indexes = Array.from({ length: count }, (_, index) => index);
  const pods = indexes.slice(0, attached).map((index) => {
    const port = podPort(index, REMOTE_PORTS, HERE);
    // One pod with an interface in each of these networks: for the kernel this is the same as one pod for each.
    return {
      ...port,
      spec: { ...port.spec, pod: { name: 'pod', uid: 'uid-pod' }, interface: `net${index + 1}` },
    };
  });
  const remote = indexes.flatMap((index) =>
    Array.from({ length: REMOTE_PORTS }, (_, slot) => podPort(index, slot, OTHERS[slot % OTHERS.length]!)),
  );
  return {
    networks: indexes.map((index) =>
      renderNetworkObject({ name: nameOf(index), vni: vniOf(index), subnets: ['10.0.0.0/24'] }),
    ),
    ports: [instance, second, ...pods, ...remote],
    slices: indexes.map((index) => chainSlice(index, 1, [instance, second])),
    local: { pods, instance },
  };
}

export function networkKey(index: number): string {
  return `test/${nameOf(index)}`;
}

export function sliceKey(index: number): string {
  return `test/${nameOf(index)}-0`;
}

/** The slice of a chain in another generation, with another priority. */
export function editedSlice(slice: ChainSlice): ChainSlice {
  const generation = (slice.metadata.generation ?? 0) + 1;
  const metadata = { ...slice.metadata, generation, resourceVersion: `${generation}` };
  return { ...slice, metadata, spec: { ...slice.spec, generation, priority: slice.spec.priority + 1 } };
}

/** One more Port of a network, on another node. */
export function anotherPort(index: number): Port {
  return podPort(index, REMOTE_PORTS + 1, OTHERS[0]!);
}

function podPort(index: number, slot: number, node: string): Port {
  return renderPodPort({
    name: `${nameOf(index)}-${slot}`,
    node,
    network: nameOf(index),
    vni: vniOf(index),
    addresses: [addressOf(slot)],
    index: slot,
  });
}

function chainSlice(index: number, generation: number, instances: readonly Port[]): ChainSlice {
  const plan = {
    name: nameOf(index),
    network: nameOf(index),
    pathId: index + 1,
    from: { any: false, addresses: [0, 1, REMOTE_PORTS].map(addressOf) },
    to: { any: false, addresses: [2, 3].map(addressOf) },
    ports: [{ protocol: 'TCP' as const, port: 80 }],
    hops: ['edge'],
  };
  const slice = renderSlice(plan, { vni: vniOf(index), ports: instances });
  const hops = slice.spec.hops?.map((hop) => ({
    ...hop,
    instances: instances.map(({ spec }) => ({ id: spec.instance ?? 0, node: spec.node })),
  }));
  return {
    ...slice,
    metadata: { ...slice.metadata, generation },
    spec: { ...slice.spec, generation, ...(hops ? { hops } : {}) },
  };
}

function nameOf(index: number): string {
  return `net-${index}`;
}

function vniOf(index: number): number {
  return 4096 + index;
}

function addressOf(slot: number): string {
  return `10.0.0.${slot + 2}`;
}
