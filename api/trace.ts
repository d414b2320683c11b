// SPDX-License-Identifier: Apache-2.0
/** The request and the answer of an agent's `GET /trace`: what its kernel would do with a packet, one step. */

/** A packet at one place of its way. */
export interface TracedPacket {
  readonly source: string;
  readonly destination: string;
  /** Protocol number (IANA). */
  readonly protocol: number;
  /** Source port; 0 when the protocol has no ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The packet opens a TCP connection (a SYN without ACK), so entries of an earlier connection do not count. */
  readonly opens: boolean;
}

/** A place on a path: path, direction and position, counted from 0 in the order of the chain. */
export interface PathPlace {
  readonly path: number;
  readonly position: number;
  readonly reply: boolean;
}

/** Where the packet is. */
export type TracePlace =
  /** A pod sends the packet. `reply`: when the chain does not determine the direction, take the packet for a reply. */
  | { readonly kind: 'Port'; readonly port: string; readonly reply: boolean }
  /** An instance on the node has let the packet pass. */
  | ({ readonly kind: 'Instance'; readonly instance: number } & PathPlace)
  /**
   * The packet comes from another node, for an instance here. `emitter` is the instance that sent it, or 0 for a pod.
   */
  | ({
      readonly kind: 'Arrival';
      readonly instance: number;
      readonly emitter: number;
      readonly emitterPosition: number;
      readonly bounces: number;
    } & PathPlace)
  /** The packet comes from another node, for a pod here. */
  | { readonly kind: 'Delivery'; readonly vni: number };

export interface TraceStep {
  readonly node: string;
  /** When a pod sends the packet by this interface only under a condition: the condition. */
  readonly note?: string;
  /** Classification of the packet; only when a pod sends it. */
  readonly classification?: Classification;
  /** Hops that are skipped: none of their instances can take the packet, and they have onFailure: Open. */
  readonly skipped: readonly TracedHop[];
  readonly next: TraceNext;
}

export type Classification =
  | {
      readonly kind: 'Chain';
      /** Key of the chain; undefined when the kernel has a chain that the agent does not know. */
      readonly chain: string | undefined;
      readonly path: number;
      readonly reply: boolean;
      readonly why: string;
    }
  | { readonly kind: 'NoChain'; readonly why: string };

/** A hop of a chain. */
export interface TracedHop {
  /** Position of the hop, from 0. */
  readonly position: number;
  /** `Firewall/edge`. */
  readonly function: string | undefined;
}

export type TraceNext =
  /** The packet goes to an instance, here or on another node. */
  | ({
      readonly kind: 'Instance';
      readonly vni: number;
      readonly instance: number;
      readonly function: string | undefined;
      /** `namespace/name`. */
      readonly pod: string | undefined;
      readonly toNode: string | undefined;
      readonly choice: Choice;
      /** The instance that sent the packet, as a frame to another node would carry it. */
      readonly emitter: number;
      readonly emitterPosition: number;
      readonly bounces: number;
    } & PathPlace)
  /** The packet goes to the pod that owns the destination. */
  | {
      readonly kind: 'Port';
      readonly vni: number;
      /** `namespace/name`. */
      readonly port: string | undefined;
      readonly pod: string | undefined;
      readonly interface: string | undefined;
      readonly toNode: string | undefined;
    }
  | {
      readonly kind: 'Drop';
      /** Name of the drop counter; or NOT_ROUTED, when the pod does not send the packet on this network at all. */
      readonly reason: string;
      readonly detail: string;
      readonly hop?: TracedHop;
    };

/** The reason of a packet that leaves the pod by another interface, whatever that leads to: no program of ours sees it. */
export const NOT_ROUTED = 'not_routed';

/** Why this instance was chosen. */
export type Choice =
  /** The flow is pinned to it. */
  | { readonly kind: 'Pinned' }
  /** The pin was lost on this node, and another node sent a note of it. */
  | { readonly kind: 'Noted' }
  /** No other instance of the hop takes new flows. */
  | { readonly kind: 'Only'; readonly movedFrom?: number }
  /**
   * The hash of the flow chose it among several. `movedFrom`: the instance to which the flow was pinned, and that can
   * no longer take it.
   */
  | { readonly kind: 'Hashed'; readonly among: number; readonly movedFrom?: number }
  /** The sender of the frame chose it. */
  | { readonly kind: 'Addressed' };
