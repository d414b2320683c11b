// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, Port, VirtualNetwork } from '../../api/index.ts';
import type { Key } from '../../api/key.ts';
import { isOthersNetwork } from '../../api/pod-networks.ts';
import { isPortOf, runtimeUidOf } from '../../api/static-pod.ts';
import type { Logger } from '../../kube/base/log.ts';
import { portIndexes, sliceIndexes } from '../../kube/indexes.ts';
import type { KubeObject } from '../../kube/object.ts';
import { overlay } from '../../kube/overlay.ts';
import { Reflector, type ReflectorMetrics } from '../../kube/reflector.ts';
import { type Resource, resources } from '../../kube/resource.ts';
import { type MetadataOnly, type Node, slimMetadataOnly, slimNode } from '../../kube/slim.ts';
import { Store, type StoreReader, type StoreWriter } from '../../kube/store.ts';
import type { Transport } from '../../kube/transport.ts';
import type { WireNode } from '../../kube/wire.ts';

type PortIndex = 'network' | 'pod' | 'runtime' | 'node' | 'role' | 'instance';

/** The agent's copies of the cluster's objects. Keys are `namespace/name`; for nodes, the name. */
export interface AgentStores {
  /** `network`: its key; `pod`: uid; `runtime`: the uid by which the container runtime knows the pod; `node`; `role`: `instance` or `endpoint`; `instance`: the id in decimal. */
  readonly ports: StoreReader<Port, PortIndex>;
  readonly networks: StoreReader<VirtualNetwork>;
  /**
   * ChainSlices of the current group, and those of the former group (api/former.ts) that the current one does not have yet.
   * `network`: its key; `chain`: its key; `instance`: the id in decimal of each that its hops name.
   */
  readonly slices: StoreReader<ChainSlice, 'network' | 'chain' | 'instance'>;
  readonly nodes: StoreReader<Node>;
  /** NetworkAttachmentDefinitions: names of networks of other CNIs. */
  readonly definitions: StoreReader<MetadataOnly>;
}

/** Whether the standard annotation means a network of another CNI by this name. */
export function isOthers(stores: Pick<AgentStores, 'networks' | 'definitions'>): (network: Key) => boolean {
  return (network) => isOthersNetwork(network, stores);
}

export interface AgentObservation {
  readonly stores: AgentStores;
  readonly synced: Promise<void>;
  /** Names of the stores that are not complete yet. */
  missing(): readonly string[];
  run(signal: AbortSignal): Promise<void>;
}

/** The agent's stores, still empty, with their indexes. */
export function createAgentStores() {
  const ports = new Store<Port, PortIndex>({
    name: 'ports',
    indexes: {
      network: portIndexes.network,
      pod: portIndexes.pod,
      runtime: (port: Port) => [runtimeUidOf(port)],
      node: portIndexes.node,
      instance: portIndexes.instance,
      role: ({ spec }: Port) => [spec.instance === undefined ? 'endpoint' : 'instance'],
    },
  });
  const networks = new Store<VirtualNetwork>({ name: 'virtualnetworks' });
  const slices = new Store<ChainSlice, 'network' | 'chain' | 'instance'>({
    name: 'chainslices',
    indexes: { ...sliceIndexes, instance: instancesOf },
  });
  const nodes = new Store<Node>({ name: 'nodes' });
  const definitions = new Store<MetadataOnly>({ name: 'network-attachment-definitions' });
  return { ports, networks, slices, nodes, definitions };
}

/** Sets up the agent's watches; nothing is read before `run`. */
export function createAgentObservation(options: {
  readonly transport: Transport;
  readonly log: Logger;
  readonly metrics: ReflectorMetrics;
}): AgentObservation {
  const { ports, networks, slices, nodes, definitions } = createAgentStores();
  const current = new Store<ChainSlice>({ name: slices.name });
  const former = new Store<ChainSlice>({ name: `former ${slices.name}` });
  overlay({ current, former, whole: slices });
  const reflectors = [
    reflect(options, resources.ports, ports),
    reflect(options, resources.virtualNetworks, networks),
    reflect(options, resources.chainSlices, current),
    reflect(options, resources.formerChainSlices, former, { optional: true }),
    reflect(options, resources.nodes, nodes, { transform: (node) => slimNode(node as WireNode) }),
    reflect(options, resources.attachmentDefinitions, definitions, {
      transform: slimMetadataOnly,
      metadataOnly: true,
      optional: true,
    }),
  ];
  return {
    stores: { ports, networks, slices, nodes, definitions },
    synced: Promise.all(reflectors.map(({ synced }) => synced)).then(() => undefined),
    missing: () => reflectors.filter(({ hasSynced }) => !hasSynced).map(({ name }) => name),
    run: async (signal) => {
      await Promise.all(reflectors.map((reflector) => reflector.run(signal)));
    },
  };
}

/** The Ports of a pod of the runtime. */
export function portsOfPod(
  { ports }: Pick<AgentStores, 'ports'>,
  pod: { readonly uid: string; readonly namespace: string; readonly name: string },
): readonly Port[] {
  return ports.byIndex('runtime', pod.uid).filter((port) => isPortOf(port, pod));
}

function instancesOf({ spec }: ChainSlice): string[] {
  return (spec.hops ?? []).flatMap(({ instances }) => instances.map(({ id }) => String(id)));
}

interface Running {
  readonly name: string;
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  run(signal: AbortSignal): Promise<void>;
}

function reflect<T extends KubeObject>(
  options: { readonly transport: Transport; readonly log: Logger; readonly metrics: ReflectorMetrics },
  resource: Resource,
  store: StoreWriter<T>,
  more: {
    readonly transform?: (object: KubeObject) => T;
    readonly metadataOnly?: boolean;
    readonly optional?: boolean;
  } = {},
): Running {
  const reflector = new Reflector<T>({ ...options, resource, store, ...more });
  return {
    name: store.name,
    synced: reflector.synced,
    get hasSynced() {
      return reflector.hasSynced;
    },
    run: (signal) => reflector.run(signal),
  };
}
