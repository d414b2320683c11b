// SPDX-License-Identifier: Apache-2.0
import type { ChainPort } from './generated/types.ts';

/** A backend of a load balancer, as the operator passes it to the function. */
export interface BackendPod {
  readonly address: string;
  /** `namespace/name` */
  readonly pod?: string;
  /** 0..256 */
  readonly weight: number;
  /** The backend takes no new flows and keeps its present ones; absent is false. */
  readonly draining?: boolean;
  /** It drains only because the pod is not ready; absent is false. */
  readonly unready?: boolean;
}

/** A path that a function is on. */
export interface SelectedPath {
  readonly pathId: number;
  readonly vni: number;
  /** Position of the function on the path, from 0; absent is 0. */
  readonly position?: number;
}

/** A range of source ports, both ends included. */
export interface SourcePorts {
  readonly first: number;
  readonly last: number;
}

/** A place on a path at which packets get their context. */
export interface PathPlace {
  readonly pathId: number;
  readonly position: number;
}

/** Clients outside the network that one chain takes, at one load balancer. */
export interface OutsideEntry {
  /** The addresses of the load balancer that the chain leads to. */
  readonly addresses: readonly string[];
  /** Ranges of source addresses, none of which overlap; absent: all. */
  readonly from?: readonly string[];
  /** Absent: all. */
  readonly ports?: readonly ChainPort[];
  /** Where their packets enter a path; absent: they are not let in. */
  readonly enter?: PathPlace & {
    /**
     * Position at which the load balancer chooses the backend. It is another one than `position` if functions of the
     * chain come before the load balancer: the packets leave it and come back.
     */
    readonly balanced: number;
  };
}

/** The entry of a function's ConfigMap of selected pods. */
export const selectedPodsEntry = 'peers.json';

/** The pods that the operator resolved for a function, in `selectedPodsEntry`; see docs/architecture.md. */
export interface SelectedPods {
  readonly paths: readonly SelectedPath[];
  /** Addresses of the pods, by the key of the selector and then by path. */
  readonly selectors: Readonly<
    Record<string, readonly { readonly pathId: number; readonly addresses: readonly string[] }[]>
  >;
  /** Backends of a load balancer whose spec selects pods. */
  readonly backends?: readonly BackendPod[];
  /** Of a load balancer whose spec lists addresses, as they are written there: those that nobody on the network has. */
  readonly unknown?: readonly string[];
  /**
   * The source ports of each instance of a load balancer, by instance id, for what it sends from the load balancer's own
   * address. No two have the same. An operator of the release before writes none.
   */
  readonly sourcePorts?: Readonly<Record<string, SourcePorts>>;
  /** Where health checks of a load balancer enter a path. */
  readonly checks?: PathPlace;
  /** How a load balancer with `expose` lets clients outside in: the first entry that takes a client decides. */
  readonly outside?: readonly OutsideEntry[];
}
