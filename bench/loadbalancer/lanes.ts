// SPDX-License-Identifier: Apache-2.0
/** Where a balancer's pod is: on the client's node, or on the other one, a hop further. */
export const PLACES = ['near', 'far'] as const;
export type Place = (typeof PLACES)[number];

/** HAProxy on the cluster's own network, and inside the virtual network of client and servers, as Heddle's is. */
export const PROXIES = ['HAProxy', 'HAProxy inside'] as const;
export type Haproxy = (typeof PROXIES)[number];

/** The client asks the servers itself, each in turn: on the cluster's own network, and inside the virtual one. */
export const NOBODIES = ['nobody', 'nobody inside'] as const;
export type Nobody = (typeof NOBODIES)[number];

/** Who stands between the client and the same three servers; kube-proxy is always on the client's own node. */
export type Build = Nobody | 'kube-proxy' | `${'Heddle' | Haproxy} ${Place}`;
export const BUILDS: readonly Build[] = [
  ...NOBODIES,
  'kube-proxy',
  ...PLACES.flatMap((place) => (['Heddle', ...PROXIES] as const).map((who) => `${who} ${place}` as const)),
];

export interface Lane {
  readonly build: Build;
  /** Where the client asks; several with commas between them, each in turn. */
  readonly address: string;
}

/**
 * Who is measured by a kind of traffic. A server sees one client by the balancer and directly, from the same ports: new
 * connections would meet what the others left there in TIME_WAIT, and wait a second for it, on the virtual network only.
 */
export function buildsFor(kind: Kind): readonly Build[] {
  return kind === 'requests' ? BUILDS : BUILDS.filter((build) => !isNobody(build));
}

export function isNobody(build: Build): build is Nobody {
  return NOBODIES.some((nobody) => nobody === build);
}

/** Who is not there where a build stands: what the same requests cost on the same network without it. */
export function nobodyFor(build: Build): Nobody {
  return build.startsWith('Heddle') || build.includes(' inside') ? 'nobody inside' : 'nobody';
}

/** What the client does: see image/client.c. */
export const KINDS = [
  { name: 'connections', title: 'New connections, one request each' },
  { name: 'requests', title: 'Requests over kept connections' },
] as const;
export type Kind = (typeof KINDS)[number]['name'];

/** Of servers and of every balancer before them. */
export const PORT = 7000;
/** At once: enough that servers chosen by a hash get a share of them each. */
export const CONNECTIONS = 48;
/** How many servers are on the client's node, and how many on the other. */
export const SERVERS_NEAR = 1;
export const SERVERS_FAR = 2;
/** Of Heddle's and of HAProxy's health checks. */
export const CHECK_MS = 1000;
