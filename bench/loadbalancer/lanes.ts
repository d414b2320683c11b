// SPDX-License-Identifier: Apache-2.0
/** The place of a load balancer's pod: on the client's node, or on the other one, one more hop away. */
export const PLACES = ['near', 'far'] as const;
export type Place = (typeof PLACES)[number];

/**
 * HAProxy on the cluster's own network, and inside the virtual network of client and servers, where Heddle's is too.
 */
export const PROXIES = ['HAProxy', 'HAProxy inside'] as const;
export type Haproxy = (typeof PROXIES)[number];

/**
 * No load balancer: the client connects to the servers, each in turn, on the cluster's own network and inside the
 * virtual one.
 */
export const NOBODIES = ['nobody', 'nobody inside'] as const;
export type Nobody = (typeof NOBODIES)[number];

/** The load balancer between the client and the same three servers; kube-proxy is always on the client's own node. */
export type Build = Nobody | 'kube-proxy' | `${'Heddle' | Haproxy} ${Place}`;
export const BUILDS: readonly Build[] = [
  ...NOBODIES,
  'kube-proxy',
  ...PLACES.flatMap((place) => (['Heddle', ...PROXIES] as const).map((who) => `${who} ${place}` as const)),
];

export interface Lane {
  readonly build: Build;
  /** The address that the client connects to; several with commas between them are used in turn. */
  readonly address: string;
}

/**
 * The builds that a kind of traffic measures. A server sees the same client addresses and ports with a load balancer
 * and without: new connections would meet those that the others left in TIME_WAIT, and wait a second for it, on the
 * virtual network only.
 */
export function buildsFor(kind: Kind): readonly Build[] {
  return kind === 'requests' ? BUILDS : BUILDS.filter((build) => !isNobody(build));
}

export function isNobody(build: Build): build is Nobody {
  return NOBODIES.some((nobody) => nobody === build);
}

/** The build without a load balancer, on the same network: the cost of the same requests without this build. */
export function nobodyFor(build: Build): Nobody {
  return build.startsWith('Heddle') || build.includes(' inside') ? 'nobody inside' : 'nobody';
}

/** The kinds of traffic of the client: see image/client.c. */
export const KINDS = [
  { name: 'connections', title: 'New connections, one request each' },
  { name: 'requests', title: 'Requests over kept connections' },
] as const;
export type Kind = (typeof KINDS)[number]['name'];

/** The port of servers and of all load balancers before them. */
export const PORT = 7000;
/** Connections at once: enough that each server gets a share of them when a hash chooses. */
export const CONNECTIONS = 48;
/** How many servers are on the client's node; the others are on the other node. */
export const SERVERS_NEAR = 1;
export const SERVERS_FAR = 2;
/** The interval of health checks, of Heddle's and of HAProxy's. */
export const CHECK_MS = 1000;
