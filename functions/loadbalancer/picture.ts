// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';

/** All that a ruleset is made from: what the spec says, and how the backends are at this moment. */
export interface Picture {
  /** Where clients reach it. */
  readonly addresses: { readonly [F in Family]?: string | undefined };
  readonly listeners: readonly ListenerPicture[];
  /** Undefined: every flow is chosen for by itself. */
  readonly affinitySeconds: number | undefined;
  readonly backends: readonly BackendPicture[];
  /** The same for all instances of a load balancer. */
  readonly seed: number;
  /** How its own health checks reach the backends; undefined without a path of its own. */
  readonly checks: ChecksWay | undefined;
  /** How clients outside the network are served; undefined where it is not exposed, or has no path. */
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
  /** Share of the slots; 0 of one that has none, not even when it is well. */
  readonly weight: number;
  /** Whether it takes new flows now. */
  readonly takes: boolean;
  /** Whether flows that it has go on. */
  readonly keeps: boolean;
}

/** Packets of health checks come from the balancer's own address, and travel on its path. */
export interface ChecksWay {
  /** The context that they leave with, as a mark. */
  readonly mark: number;
  /** Source ports: each instance has its own, or two would open one connection. */
  readonly ports: { readonly first: number; readonly last: number };
}

/** Packets from outside enter the path at the balancer. */
export interface OutsideWay {
  /** The context that they get, as a mark. */
  readonly mark: number;
  /** Source ports of the balancer's address; each instance has its own. */
  readonly ports: { readonly first: number; readonly last: number };
  /** Bytes of the largest IP packet on chain0. */
  readonly mtu: number;
}
