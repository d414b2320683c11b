// SPDX-License-Identifier: Apache-2.0
import type {
  ChainSlice,
  CustomFunction,
  Firewall,
  LoadBalancer,
  NodeReport,
  Port,
  ServiceChain,
  VirtualNetwork,
} from '../../api/index.ts';
import type { Vpn, VpnPeer } from '../../api/vpn-objects.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { MetadataOnly, Namespace, Node, OwnedOnly, Pod } from '../../kube/slim.ts';
import type { StoreReader } from '../../kube/store.ts';
import type { ConfigMap, Deployment, EndpointSlice, Secret, Service, ServiceCidr } from '../../kube/wire.ts';
import type { NamedService } from './named-services.ts';

export type { MetadataOnly, Namespace, Node, OwnedOnly, Pod } from '../../kube/slim.ts';
export type {
  ConfigMap,
  Deployment,
  EndpointSlice,
  Secret,
  Service,
  ServiceCidr,
} from '../../kube/wire.ts';
export type { NamedService } from './named-services.ts';

/**
 * Everything that the operator knows of the cluster, with the indexes of each store. Keys are `namespace/name` (only
 * the name for nodes and namespaces). Index values are made by `kube/index-values.ts`.
 */
export interface Stores {
  /** `vni`: the id in status, as decimal. */
  readonly virtualNetworks: StoreReader<VirtualNetwork, 'vni'>;
  /**
   * `network`: networkValue; `pod`: uid of the pod; `node`: node name; `address`: addressValue;
   * `mac`: macValue; `function`: functionValue (its chain0); `instance`: the instance id, as decimal;
   * `host`: node name, of the chain0 of functions only.
   */
  readonly ports: StoreReader<
    Port,
    'network' | 'pod' | 'node' | 'address' | 'mac' | 'function' | 'instance' | 'host'
  >;
  /** `configMap`: `namespace/name` of each ConfigMap that its sets name. */
  readonly firewalls: StoreReader<Firewall, 'configMap' | 'network'>;
  /** `network`: networkValue. */
  readonly loadBalancers: StoreReader<LoadBalancer, 'configMap' | 'network'>;
  /** `configMap`: `namespace/name` of each ConfigMap that its environment names. */
  readonly customFunctions: StoreReader<CustomFunction, 'configMap' | 'network'>;
  /** `network`: networkValue. */
  readonly vpns: StoreReader<Vpn, 'network'>;
  /** `vpn`: `namespace/name` of the VPN that it names. */
  readonly vpnPeers: StoreReader<VpnPeer, 'vpn'>;
  /**
   * `network`: networkValue; `function`: functionValue of each hop; `pathId`: the ids in status, as decimal;
   * `endpoint`: functionValue of each load balancer or VPN that one of its ends names;
   * `selects`: `namespaces` for those that look at the labels of namespaces.
   */
  readonly serviceChains: StoreReader<
    ServiceChain,
    'network' | 'function' | 'pathId' | 'endpoint' | 'selects'
  >;
  /** `chain`: `namespace/name` of the chain, as `spec.chain` has it; `network`: networkValue. */
  readonly chainSlices: StoreReader<ChainSlice, 'chain' | 'network'>;
  /** Of the former group (api/former.ts); `chainSlices` has those of them that the current group lacks. */
  readonly formerChainSlices: StoreReader<ChainSlice, 'chain'>;
  /** `node`: the node's name (which is the report's too, in the system namespace); `unreachable`: nodes it names so. */
  readonly nodeReports: StoreReader<NodeReport, 'node' | 'unreachable'>;
  /** Of the former group; `nodeReports` has those of them that the current group lacks. */
  readonly formerNodeReports: StoreReader<NodeReport, 'node'>;
  /** `namespace`; `function`: `namespace/<label heddle.dev/function>`; `node`; `uid`. */
  readonly pods: StoreReader<Pod, 'namespace' | 'function' | 'node' | 'uid'>;
  readonly nodes: StoreReader<Node, never>;
  readonly namespaces: StoreReader<Namespace, never>;
  /** Only those labelled `app.kubernetes.io/name=heddle`. */
  readonly deployments: StoreReader<Deployment, never>;
  /** Only those labelled `app.kubernetes.io/name=heddle`. */
  readonly replicaSets: StoreReader<OwnedOnly, never>;
  /** Only those labelled `app.kubernetes.io/name=heddle`. */
  readonly services: StoreReader<Service, never>;
  /** Ranges of the addresses of Services; none in a cluster whose API has no ServiceCIDR. */
  readonly serviceCidrs: StoreReader<ServiceCidr, never>;
  /** The Service `default/kubernetes` alone. */
  readonly apiService: StoreReader<Service, never>;
  /**
   * Services of users that ask for names of what is on a network, and no others. `network`: networkValue; `balancer`:
   * functionValue of the load balancer that it names; `namespace`.
   */
  readonly namedServices: StoreReader<NamedService, 'network' | 'balancer' | 'namespace'>;
  /**
   * EndpointSlices of our Services without selectors and of users' Services; only those labelled
   * `app.kubernetes.io/name=heddle`. `service`: `namespace/name` of the Service.
   */
  readonly endpointSlices: StoreReader<EndpointSlice, 'service'>;
  /** Only those that the operator makes for VPNs and peers, and of these only the entries that it reads. */
  readonly secrets: StoreReader<Secret, never>;
  /** Only those labelled `app.kubernetes.io/name=heddle`. */
  readonly configMaps: StoreReader<ConfigMap, never>;
  /** Metadata of the lists that are kept for firewalls. `owner`: `namespace/name` of the firewall. */
  readonly keptLists: StoreReader<KubeObject, 'owner'>;
  /** Name, uid and resourceVersion of every ConfigMap. They show when a user's ConfigMap must be read again. */
  readonly configMapVersions: StoreReader<MetadataOnly, never>;
  /** NetworkAttachmentDefinitions: names of networks of other CNIs; none in a cluster whose API does not have the kind. */
  readonly attachmentDefinitions: StoreReader<MetadataOnly, never>;
}
