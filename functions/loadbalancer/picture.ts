// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { OutsideEntry } from '../../api/selected-pods.ts';

/** All inputs of a ruleset: the spec, and the state of the backends at this moment. */
export interface Picture {
  /** The load balancer's addresses, which clients connect to. */
  readonly addresses: { readonly [F in Family]?: string | undefined };
  readonly listeners: readonly ListenerPicture[];
  /** Undefined: each flow gets its backend independently of others. */
  readonly affinitySeconds: number | undefined;
  readonly backends: readonly BackendPicture[];
  /** The same for all instances of a load balancer. */
  readonly seed: number;
  /** How health checks reach the backends; undefined when the load balancer is on no path. */
  readonly checks: ChecksWay | undefined;
  /** How clients outside the network are served; undefined when it is not exposed, or is on no path. */
  readonly outside?: OutsideWay | undefined;
}

export interface ListenerPicture {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly targetPort: number;
}

export interface BackendPicture {
  readonly address: string;
  readonly family: Family;
  /** Share of the slots; 0: it gets none, even when it is healthy. */
  readonly weight: number;
  /** Whether it takes new flows now. */
  readonly takes: boolean;
  /** Whether its flows go on. */
  readonly keeps: boolean;
}

/** How health checks travel: from the load balancer's own address, and on its path. */
export interface ChecksWay {
  /** The mark (the context) that they leave with. */
  readonly mark: number;
  /** Source ports. Each instance has its own, or two instances would open the same connection. */
  readonly ports: { readonly first: number; readonly last: number };
}

/** How packets of clients outside enter paths, at this instance. */
export interface OutsideWay {
  /** The first that takes a client decides; a client that none takes is not let in. */
  readonly entries: readonly OutsideEntry[];
  /** Source ports of the load balancer's address; each instance has its own. */
  readonly ports: { readonly first: number; readonly last: number };
  /** Bytes of the largest IP packet on chain0. */
  readonly mtu: number;
}
