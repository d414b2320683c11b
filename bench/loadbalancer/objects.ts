// SPDX-License-Identifier: Apache-2.0
import { apiVersion as API } from '../../api/names.ts';
import { CHECK_MS, type Haproxy, type Place, PORT, SERVERS_FAR, SERVERS_NEAR } from './lanes.ts';

const SERVER = { role: 'server' };
/** The image of HAProxy and of both ends of the traffic: image/Dockerfile. */
export const IMAGE = 'localhost/heddle/bench-balancer:dev';
export const NETWORK = 'shop';
export const CLIENT = 'client';
export const SERVICE = 'plain';

export const balancerName = (place: Place): string => `web-${place}`;
export const proxyName = (proxy: Haproxy, place: Place): string =>
  `${proxy.toLowerCase().replace(' ', '-')}-${place}`;

/** The client's node and the other one. */
export type Nodes = Readonly<Record<Place, string>>;

export function renderNetwork(): object {
  const spec = { subnets: [{ cidr: '10.20.0.0/16' }] };
  return { apiVersion: API, kind: 'VirtualNetwork', metadata: { name: NETWORK }, spec };
}

/** A load balancer of one instance, as there is one HAProxy, and on the same node. */
export function renderBalancer(nodes: Nodes, place: Place): object {
  const spec = {
    network: NETWORK,
    replicas: 1,
    listeners: [{ name: 'tcp', protocol: 'TCP', port: PORT }],
    backends: { podSelector: { matchLabels: SERVER } },
    healthCheck: { tcp: { port: PORT }, intervalMs: CHECK_MS },
    pod: { nodeSelector: { 'kubernetes.io/hostname': nodes[place] } },
  };
  return { apiVersion: API, kind: 'LoadBalancer', metadata: { name: balancerName(place) }, spec };
}

/** The Service that kube-proxy serves: before the addresses of the same pods in the cluster. */
export function renderService(): object {
  const spec = { selector: SERVER, ports: [{ protocol: 'TCP', port: PORT }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: SERVICE }, spec };
}

export function nameServers(): readonly string[] {
  return Array.from({ length: SERVERS_NEAR + SERVERS_FAR }, (_, index) => `server-${index}`);
}

/** Client and servers. A server has an address in the cluster and one on Heddle's network. */
export function renderEnds({ near, far }: Nodes): readonly object[] {
  const servers = nameServers().map((name, index) =>
    renderPod({
      name,
      node: index < SERVERS_NEAR ? near : far,
      network: NETWORK,
      labels: SERVER,
      command: ['ends', 'serve', String(PORT)],
    }),
  );
  return [
    ...servers,
    renderPod({ name: CLIENT, node: near, network: NETWORK, command: ['sleep', 'infinity'] }),
  ];
}

/** @param servers addresses of the servers on the network that the proxy is on */
export function renderProxyPod(
  nodes: Nodes,
  { proxy, place }: { readonly proxy: Haproxy; readonly place: Place },
  servers: readonly string[],
): object {
  const start = 'printf %s "$1" > /tmp/haproxy.cfg && exec haproxy -db -f /tmp/haproxy.cfg';
  const command = ['sh', '-c', start, 'sh', renderHaproxy(servers)];
  const network = proxy === 'HAProxy inside' ? { network: NETWORK } : {};
  return renderPod({ name: proxyName(proxy, place), node: nodes[place], command, ...network });
}

/**
 * The configuration of HAProxy for TCP, as recommended: one thread for each CPU, no log, timeouts that never expire
 * here.
 */
export function renderHaproxy(servers: readonly string[]): string {
  return [
    'global',
    '  maxconn 4096',
    'defaults',
    '  mode tcp',
    '  timeout connect 5s',
    '  timeout client 1h',
    '  timeout server 1h',
    'frontend web',
    `  bind :${PORT}`,
    '  default_backend servers',
    'backend servers',
    '  balance roundrobin',
    ...servers.map((address, index) => `  server s${index} ${address}:${PORT} check inter ${CHECK_MS}ms`),
    '',
  ].join('\n');
}

interface PodOptions {
  readonly name: string;
  readonly node: string;
  readonly command: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Heddle's network that the pod is on, besides the cluster's own. */
  readonly network?: string;
}

function renderPod({ name, node, command, labels, network }: PodOptions): object {
  const annotations = network === undefined ? {} : { 'k8s.v1.cni.cncf.io/networks': network };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations },
    spec: {
      terminationGracePeriodSeconds: 0,
      nodeSelector: { 'kubernetes.io/hostname': node },
      containers: [{ name: 'main', image: IMAGE, imagePullPolicy: 'IfNotPresent', command }],
    },
  };
}
