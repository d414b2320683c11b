// SPDX-License-Identifier: Apache-2.0
import type { WorkloadKind } from './objects.ts';

/** Names in objects of Heddle. */

export * from './group.ts';

/** Plural names, as in paths of the API server. */
export const plurals = {
  VirtualNetwork: 'virtualnetworks',
  Port: 'ports',
  ServiceChain: 'servicechains',
  ChainSlice: 'chainslices',
  Firewall: 'firewalls',
  LoadBalancer: 'loadbalancers',
  CustomFunction: 'customfunctions',
  NodeReport: 'nodereports',
  VPN: 'vpns',
  VPNPeer: 'vpnpeers',
} as const;

/** Short names of function kinds, as a chain's path shows them. */
export const shortNames = { Firewall: 'fw', LoadBalancer: 'lb', CustomFunction: 'cf' } as const;

/**
 * Name of the program of each kind that runs pods. Its container, its image and its folder under `functions/` have
 * this name.
 */
export const programs = {
  Firewall: 'firewall',
  LoadBalancer: 'loadbalancer',
  CustomFunction: 'custom',
  VPN: 'vpn',
} as const satisfies Readonly<Record<WorkloadKind, string>>;

/** All kinds that run pods. */
export const workloadKinds = Object.keys(programs) as readonly WorkloadKind[];

export const annotations = {
  /** On a pod: the networks that it joins, of Heddle and of other CNIs. */
  networks: 'k8s.v1.cni.cncf.io/networks',
  /** On a pod: networks of Heddle that it joins. Other CNIs do not read it. */
  ownNetworks: 'heddle.dev/networks',
  /** On a pod: the interfaces that it got. */
  networkStatus: 'k8s.v1.cni.cncf.io/network-status',
  /** On a Port: names of all interfaces of its pod, as the operator understood the pod when it made the Port. */
  interfaces: 'heddle.dev/interfaces',
  /** On the Port of a static pod: the uid by which the container runtime knows the pod (`static-pod.ts`). */
  staticUid: 'heddle.dev/static-uid',
  /** On the API's mirror of a static pod, by its kubelet: the uid of the static pod. */
  configMirror: 'kubernetes.io/config.mirror',
  /** On a pod of a function: the interface that must exist before its containers start. */
  chainInterface: 'heddle.dev/chain-interface',
  /** On a pod: ranges of networks of other namespaces that it routes although they came after it had joined. */
  acceptRoutes: 'heddle.dev/accept-routes',
  /** On a pod of a function or a backend of a load balancer: its share of new flows, 0..256. */
  weight: 'heddle.dev/weight',
  /** On a pod of a function or VPN: how the operator asks it for its report (`report-key.ts`). */
  report: 'heddle.dev/report',
  /** On the Secret of a VPN's peer: the file changed, and its holder may have the former one. Remove it when the peer has it. */
  fileChanged: 'heddle.dev/file-changed',
  /** On a ConfigMap that keeps a list of a firewall: of which ConfigMap, keys and version it is a copy. */
  listVersion: 'heddle.dev/list-version',
  /** On a Secret: who may have it beside those who can read it, `customfunction/NAME`, separated by commas. */
  allow: 'heddle.dev/allow',
  /** On a headless Service: the network on which it names something, `shop` or `namespace/shop` (`named-service.ts`). */
  namesNetwork: 'heddle.dev/network',
  /** On a headless Service: which pods of its namespace it names, as a label selector in text. */
  namesPods: 'heddle.dev/pods',
  /** On a headless Service: the load balancer of its namespace that it names. */
  namesBalancer: 'heddle.dev/load-balancer',
} as const;

export const labels = {
  /** On a Port: `<namespace>.<name>` of its network. */
  network: 'heddle.dev/network',
  /** On a pod of a function and on its Port: `<kind in lower case>.<name>`. */
  function: 'heddle.dev/function',
  /** On a pod that forwards packets of others, and on its Ports: the agent prepares its namespace for that. */
  gateway: 'heddle.dev/gateway',
  /** On a ConfigMap that keeps a list of a firewall: the set. */
  list: 'heddle.dev/list',
  /** On a ChainSlice: name of its chain. */
  chain: 'heddle.dev/chain',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
} as const;

/** Value of the label `app.kubernetes.io/name` of all objects of Heddle. */
export const heddle = 'heddle';
/** The label selector of Heddle's objects: of all, or of one component. */
export function selectorOfHeddle(component?: 'operator' | 'agent' | 'function'): string {
  const all = `${labels.name}=${heddle}`;
  return component === undefined ? all : `${all},${labels.component}=${component}`;
}

/** The interface of a function's pod that its chains use. */
export const chainInterface = 'chain0';
/** The interfaces of an instance of a custom function that forwards frames itself. */
export const frameInterfaces = ['left', 'right'] as const;
/** The interfaces of the instances of a function: one, or two for a custom function that asks for it. */
export function interfacesOf(spec?: { readonly interfaces: 'One' | 'Two' }): readonly string[] {
  return spec?.interfaces === 'Two' ? frameInterfaces : [chainInterface];
}
/** UDP port between nodes. Other overlays use 4789 and 8472. The chart's agent.vxlanPort. */
export const vxlanPort = 14789;
/** Port of an agent, on its node's own address: health by HTTP, all else by HTTPS. The chart's agent.httpPort. */
export const agentPort = 9470;
/** Port of an operator: health by HTTP, all else by HTTPS. The chart's operator.httpPort. */
export const operatorPort = 8080;
/** HTTP port of a function: `/report`, `/healthz`, `/readyz` and `/metrics`. */
export const functionPort = 9471;
/** Default namespace of the chart, and the namespace of NodeReports. */
export const systemNamespace = 'heddle-system';
/** Header for a token, in requests that go through the API server, which removes `Authorization`. */
export const tokenHeader = 'heddle-token';
/** Audience of a token in this header: the API server refuses it, so an agent cannot use it for anything. */
export const tokenAudience = 'heddle.dev';
/** ServiceAccount in the system namespace for whose tokens agents answer `kubectl heddle`. */
export const readerAccount = 'heddle-reader';
