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
} from '../api/index.ts';
import { labels } from '../api/index.ts';
import { joinKey } from '../api/key.ts';
import type { Vpn, VpnPeer } from '../api/vpn-objects.ts';
import { addressValue, functionValue, macValue, networkValue } from './index-values.ts';
import type { KubeObject } from './object.ts';
import type { Pod } from './slim.ts';

/** The index functions of the stores. Pure. A field that an object does not have gives no index value. */

export const networkIndexes = {
  vni: ({ status }: VirtualNetwork) => list(status?.vni, String),
};

export const portIndexes = {
  network: ({ spec }: Port) => list(spec.network, networkValue),
  pod: ({ spec }: Port) => [spec.pod.uid],
  node: ({ spec }: Port) => [spec.node],
  address: ({ spec }: Port) =>
    list(spec.vni, (vni) => vni).flatMap((vni) => (spec.addresses ?? []).map((a) => addressValue(vni, a))),
  mac: ({ spec }: Port) =>
    list(spec.vni, (vni) => vni).flatMap((vni) => list(spec.mac, (mac) => macValue(vni, mac))),
  function: ({ metadata, spec }: Port) => list(spec.function, (fn) => functionValue(metadata.namespace, fn)),
  host: ({ spec }: Port) => list(spec.function, () => spec.node),
  instance: ({ spec }: Port) => list(spec.instance, String),
};

export const firewallIndexes = {
  configMap: ({ metadata, spec }: Firewall) =>
    (spec.sets ?? []).flatMap((set) =>
      list(set.configMapRef, ({ name }) => joinKey(metadata.namespace, name)),
    ),
  network: () => [],
};

export const keptListIndexes = {
  owner: ({ metadata }: KubeObject) =>
    (metadata?.ownerReferences ?? []).map(({ name }) => joinKey(metadata?.namespace, name)),
};

export const loadBalancerIndexes = {
  configMap: () => [],
  network: ({ metadata, spec }: LoadBalancer) => [
    networkValue({ namespace: metadata.namespace, name: spec.network }),
  ],
};

export const customFunctionIndexes = {
  configMap: ({ metadata, spec }: CustomFunction) =>
    (spec.env ?? []).flatMap((variable) =>
      list(variable.configMapKeyRef, ({ name }) => joinKey(metadata.namespace, name)),
    ),
  network: () => [],
};

export const vpnIndexes = {
  network: ({ metadata, spec }: Vpn) => [networkValue({ namespace: metadata.namespace, name: spec.network })],
};

export const vpnPeerIndexes = {
  vpn: ({ metadata, spec }: VpnPeer) => [`${metadata.namespace}/${spec.vpn}`],
};

export const chainIndexes = {
  network: ({ metadata, spec }: ServiceChain) => [
    networkValue({ namespace: metadata.namespace, name: spec.network }),
  ],
  function: ({ metadata, spec }: ServiceChain) =>
    spec.functions.map((fn) => functionValue(metadata.namespace, fn)),
  pathId: ({ status }: Pick<ServiceChain, 'status'>) => [
    ...list(status?.pathId, String),
    ...list(status?.outsidePathId, String),
  ],
  endpoint: ({ metadata, spec }: ServiceChain) =>
    [...(spec.from ?? []), ...(spec.to ?? [])].flatMap((endpoint) => [
      ...list(endpoint.loadBalancer, (name) =>
        functionValue(metadata.namespace, { kind: 'LoadBalancer', name }),
      ),
      ...list(endpoint.vpn, (name) => functionValue(metadata.namespace, { kind: 'VPN', name })),
    ]),
  selects: ({ spec }: ServiceChain) =>
    [...(spec.from ?? []), ...(spec.to ?? [])].some((endpoint) => endpoint.namespaceSelector)
      ? ['namespaces']
      : [],
};

export const sliceIndexes = {
  chain: ({ metadata, spec }: ChainSlice) => [`${metadata.namespace}/${spec.chain}`],
  network: ({ spec }: ChainSlice) => [networkValue(spec.network)],
};

export const reportIndexes = {
  node: ({ metadata }: NodeReport) => [metadata.name],
  unreachable: ({ status }: NodeReport) => status?.unreachable ?? [],
};

export const podIndexes = {
  namespace: ({ metadata }: Pod) => [metadata.namespace],
  function: ({ metadata }: Pod) =>
    list(metadata.labels[labels.function], (value) => `${metadata.namespace}/${value}`),
  node: ({ spec }: Pod) => list(spec.nodeName, String),
  uid: ({ metadata }: Pod) => [metadata.uid],
};

function list<T, R>(value: T | undefined, map: (value: T) => R): R[] {
  return value === undefined ? [] : [map(value)];
}
