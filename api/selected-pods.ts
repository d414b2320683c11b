// SPDX-License-Identifier: Apache-2.0
/** A backend of a load balancer as the operator tells the function. */
export interface BackendPod {
  readonly address: string;
  /** `namespace/name` */
  readonly pod?: string;
  /** 0..256 */
  readonly weight: number;
  /** It takes no new flows and keeps those that it has; absent is false. */
  readonly draining?: boolean;
}

/** A path that a function is on. */
export interface SelectedPath {
  readonly pathId: number;
  readonly vni: number;
  /** Which of the path's hops the function is, from 0; absent is 0. */
  readonly position?: number;
}

/** The entry of a function's ConfigMap of selected pods. */
export const selectedPodsEntry = 'peers.json';

/** What the operator resolved for a function, in `selectedPodsEntry`; see docs/architecture.md. */
export interface SelectedPods {
  readonly paths: readonly SelectedPath[];
  /** By the key of the selector: the addresses of the pods, by path. */
  readonly selectors: Readonly<
    Record<string, readonly { readonly pathId: number; readonly addresses: readonly string[] }[]>
  >;
  /** Of a load balancer with pods as backends. */
  readonly backends?: readonly BackendPod[];
}
