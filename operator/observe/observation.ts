// SPDX-License-Identifier: Apache-2.0
import {
  type ChainSlice,
  type CustomFunction,
  type Firewall,
  type LoadBalancer,
  labels,
  type NodeReport,
  type Port,
  type ServiceChain,
  selectorOfHeddle,
  type VirtualNetwork,
} from '../../api/index.ts';
import type { Vpn, VpnPeer } from '../../api/vpn-objects.ts';
import type { Logger } from '../../kube/base/log.ts';
import {
  chainIndexes,
  customFunctionIndexes,
  firewallIndexes,
  keptListIndexes,
  loadBalancerIndexes,
  networkIndexes,
  podIndexes,
  portIndexes,
  reportIndexes,
  sliceIndexes,
  vpnIndexes,
  vpnPeerIndexes,
} from '../../kube/indexes.ts';
import type { KubeObject } from '../../kube/object.ts';
import { overlay } from '../../kube/overlay.ts';
import { Reflector, type ReflectorMetrics } from '../../kube/reflector.ts';
import { type Resource, resources } from '../../kube/resource.ts';
import {
  type MetadataOnly,
  type Namespace,
  type Node,
  type OwnedOnly,
  type Pod,
  slimKeptList,
  slimMetadataOnly,
  slimNamespace,
  slimNode,
  slimOwnedOnly,
  slimPod,
} from '../../kube/slim.ts';
import { Store, type StoreWriter } from '../../kube/store.ts';
import { keepOnly } from '../../kube/store-filter.ts';
import type { Transport } from '../../kube/transport.ts';
import {
  endpointSliceIndexes,
  isNamedService,
  type NamedService,
  namedServiceIndexes,
  slimNamedService,
} from './named-services.ts';
import { SecretLoader } from './secrets.ts';
import type { ConfigMap, Deployment, EndpointSlice, Secret, Service, ServiceCidr, Stores } from './stores.ts';

/** The stores with write access for reflectors; readers take them as `Stores`. */
export type WritableStores = ReturnType<typeof createStores>;

/** Creates empty stores with all their indexes; tests of pure code fill them by hand. */
export function createStores() {
  return {
    virtualNetworks: new Store<VirtualNetwork, 'vni'>({ name: 'virtualNetworks', indexes: networkIndexes }),
    ports: new Store<Port, keyof typeof portIndexes>({ name: 'ports', indexes: portIndexes }),
    firewalls: new Store<Firewall, 'configMap' | 'network'>({ name: 'firewalls', indexes: firewallIndexes }),
    loadBalancers: new Store<LoadBalancer, 'configMap' | 'network'>({
      name: 'loadBalancers',
      indexes: loadBalancerIndexes,
    }),
    customFunctions: new Store<CustomFunction, 'configMap' | 'network'>({
      name: 'customFunctions',
      indexes: customFunctionIndexes,
    }),
    vpns: new Store<Vpn, keyof typeof vpnIndexes>({ name: 'vpns', indexes: vpnIndexes }),
    vpnPeers: new Store<VpnPeer, keyof typeof vpnPeerIndexes>({ name: 'vpnPeers', indexes: vpnPeerIndexes }),
    serviceChains: new Store<ServiceChain, keyof typeof chainIndexes>({
      name: 'serviceChains',
      indexes: chainIndexes,
    }),
    chainSlices: new Store<ChainSlice, keyof typeof sliceIndexes>({
      name: 'chainSlices',
      indexes: sliceIndexes,
    }),
    formerChainSlices: new Store<ChainSlice, 'chain'>({
      name: 'formerChainSlices',
      indexes: { chain: sliceIndexes.chain },
    }),
    nodeReports: new Store<NodeReport, keyof typeof reportIndexes>({
      name: 'nodeReports',
      indexes: reportIndexes,
    }),
    formerNodeReports: new Store<NodeReport, 'node'>({
      name: 'formerNodeReports',
      indexes: { node: reportIndexes.node },
    }),
    pods: new Store<Pod, keyof typeof podIndexes>({ name: 'pods', indexes: podIndexes }),
    nodes: new Store<Node>({ name: 'nodes' }),
    namespaces: new Store<Namespace>({ name: 'namespaces' }),
    deployments: new Store<Deployment>({ name: 'deployments' }),
    replicaSets: new Store<OwnedOnly>({ name: 'replicaSets' }),
    services: new Store<Service>({ name: 'services' }),
    serviceCidrs: new Store<ServiceCidr>({ name: 'serviceCidrs' }),
    apiService: new Store<Service>({ name: 'apiService' }),
    namedServices: new Store<NamedService, keyof typeof namedServiceIndexes>({
      name: 'namedServices',
      indexes: namedServiceIndexes,
    }),
    endpointSlices: new Store<EndpointSlice, 'service'>({
      name: 'endpointSlices',
      indexes: endpointSliceIndexes,
    }),
    secrets: new Store<Secret>({ name: 'secrets' }),
    configMaps: new Store<ConfigMap>({ name: 'configMaps' }),
    keptLists: new Store<KubeObject, keyof typeof keptListIndexes>({
      name: 'keptLists',
      indexes: keptListIndexes,
    }),
    configMapVersions: new Store<MetadataOnly>({ name: 'configMapVersions' }),
    attachmentDefinitions: new Store<MetadataOnly>({ name: 'attachmentDefinitions' }),
  } satisfies Stores;
}

export interface ObservationOptions {
  readonly transport: Transport;
  readonly log: Logger;
  readonly metrics?: ReflectorMetrics;
  /** Namespace to watch. Default: the whole cluster. */
  readonly namespace?: string;
}

/** The stores of the operator, and the reflectors that keep them up to date. */
export interface Observation {
  readonly stores: Stores;
  /** Resolves when all stores are complete. */
  readonly synced: Promise<void>;
  /** Names of the stores that are not complete yet. */
  missing(): readonly string[];
  /** Runs until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** Sets up the watches of the operator; nothing is read before `run`. */
export function createObservation(options: ObservationOptions): Observation {
  const stores = createStores();
  const ours = selectorOfHeddle();
  const reflectors: { readonly name: string; readonly reflector: Runnable }[] = [];

  function observe<T extends KubeObject>(
    resource: Resource,
    store: StoreWriter<T>,
    more: More<T> = {},
  ): void {
    const { transport, log, metrics, namespace } = options;
    const scope = resource.namespaced && namespace ? { namespace } : {};
    const counted = metrics ? { metrics } : {};
    const reflector = new Reflector<T>({ transport, resource, store, log, ...scope, ...counted, ...more });
    reflectors.push({ name: store.name, reflector });
  }

  observe(resources.virtualNetworks, stores.virtualNetworks);
  observe(resources.ports, stores.ports);
  observe(resources.firewalls, stores.firewalls);
  observe(resources.loadBalancers, stores.loadBalancers);
  observe(resources.customFunctions, stores.customFunctions);
  observe(resources.vpns, stores.vpns);
  observe(resources.vpnPeers, stores.vpnPeers);
  observe(resources.serviceChains, stores.serviceChains);
  const currentSlices = new Store<ChainSlice>({ name: stores.chainSlices.name });
  overlay({ current: currentSlices, former: stores.formerChainSlices, whole: stores.chainSlices });
  observe(resources.chainSlices, currentSlices);
  observe(resources.formerChainSlices, stores.formerChainSlices, { optional: true });
  const currentReports = new Store<NodeReport>({ name: stores.nodeReports.name });
  overlay({ current: currentReports, former: stores.formerNodeReports, whole: stores.nodeReports });
  observe(resources.nodeReports, currentReports);
  observe(resources.formerNodeReports, stores.formerNodeReports, { optional: true });
  observe(resources.pods, stores.pods, { transform: slimPod });
  observe(resources.nodes, stores.nodes, { transform: slimNode });
  observe(resources.namespaces, stores.namespaces, { transform: slimNamespace });
  observe(resources.deployments, stores.deployments, { labelSelector: ours });
  observe(resources.replicaSets, stores.replicaSets, {
    labelSelector: ours,
    metadataOnly: true,
    transform: slimOwnedOnly,
  });
  observe(resources.services, stores.services, { labelSelector: ours });
  observe(resources.serviceCidrs, stores.serviceCidrs, { optional: true });
  observe(resources.services, stores.apiService, {
    namespace: 'default',
    fieldSelector: 'metadata.name=kubernetes',
  });
  observe(resources.services, keepOnly(stores.namedServices, isNamedService), {
    transform: slimNamedService,
  });
  observe(resources.endpointSlices, stores.endpointSlices, { labelSelector: ours });
  const secrets = new SecretLoader({ ...options, store: stores.secrets });
  observe(resources.secrets, secrets, { labelSelector: ours, metadataOnly: true });
  // A kept list may be a megabyte.
  observe(resources.configMaps, stores.configMaps, { labelSelector: `${ours},!${labels.list}` });
  observe(resources.configMaps, stores.keptLists, {
    labelSelector: `${ours},${labels.list}`,
    metadataOnly: true,
    transform: slimKeptList,
  });
  observe(resources.configMaps, stores.configMapVersions, {
    metadataOnly: true,
    transform: slimMetadataOnly,
  });
  observe(resources.attachmentDefinitions, stores.attachmentDefinitions, {
    metadataOnly: true,
    transform: slimMetadataOnly,
    optional: true,
  });

  return {
    stores,
    synced: Promise.all(reflectors.map(({ reflector }) => reflector.synced)).then(() => secrets.loaded()),
    missing: () => reflectors.filter(({ reflector }) => !reflector.hasSynced).map(({ name }) => name),
    run: async (signal) => {
      await Promise.all(reflectors.map(({ reflector }) => reflector.run(signal)));
    },
  };
}

interface Runnable {
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  run(signal: AbortSignal): Promise<void>;
}

interface More<T> {
  readonly transform?: (object: KubeObject) => T;
  readonly labelSelector?: string;
  readonly metadataOnly?: boolean;
  readonly optional?: boolean;
  readonly namespace?: string;
  readonly fieldSelector?: string;
}
