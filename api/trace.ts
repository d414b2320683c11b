// SPDX-License-Identifier: Apache-2.0
/** The question and the answer of `GET /trace` of an agent: what its kernel would do with a packet, one step. */

/** A packet as it is at one place of its way. */
export interface TracedPacket {
  readonly source: string;
  readonly destination: string;
  /** IANA number. */
  readonly protocol: number;
  /** 0 where the protocol has none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The first packet of a TCP connection (a bare SYN): what is known of an earlier connection does not count. */
  readonly opens: boolean;
}

/** Which way of which path, and which hop, counted from 0 in the order of the chain. */
export interface PathPlace {
  readonly path: number;
  readonly position: number;
  readonly reply: boolean;
}

/** Where the packet is. */
export type TracePlace =
  /** A pod sends it. `reply`: where the chain alone cannot tell, take it for the answer of a flow. */
  | { readonly kind: 'Port'; readonly port: string; readonly reply: boolean }
  /** An instance of the node has let it pass. */
  | ({ readonly kind: 'Instance'; readonly instance: number } & PathPlace)
  /** It comes from another node, for an instance here. `emitter` is the instance that sent it, or 0: a pod. */
  | ({
      readonly kind: 'Arrival';
      readonly instance: number;
      readonly emitter: number;
      readonly emitterPosition: number;
      readonly bounces: number;
    } & PathPlace)
  /** It comes from another node, for a pod here. */
  | { readonly kind: 'Delivery'; readonly vni: number };

export interface TraceStep {
  readonly node: string;
  /** Only of a packet that a pod sends. */
  readonly classification?: Classification;
  /** Hops that are passed over: nobody can take the packet, and they say onFailure: Open. */
  readonly skipped: readonly TracedHop[];
  readonly next: TraceNext;
}

export type Classification =
  | {
      readonly kind: 'Chain';
      /** `namespace/name`; undefined when this agent has not heard of the chain that its kernel has. */
      readonly chain: string | undefined;
      readonly path: number;
      readonly reply: boolean;
      readonly why: string;
    }
  | { readonly kind: 'NoChain'; readonly why: string };

/** A hop of a chain. */
export interface TracedHop {
  /** From 0. */
  readonly position: number;
  /** `Firewall/edge`. */
  readonly function: string | undefined;
}

export type TraceNext =
  /** Into an instance, here or on another node. */
  | ({
      readonly kind: 'Instance';
      readonly vni: number;
      readonly instance: number;
      readonly function: string | undefined;
      /** `namespace/name`. */
      readonly pod: string | undefined;
      readonly toNode: string | undefined;
      readonly choice: Choice;
      /** As the frame to another node would carry it. */
      readonly emitter: number;
      readonly emitterPosition: number;
      readonly bounces: number;
    } & PathPlace)
  /** To the pod that owns the destination. */
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
      /** Name of the counter. */
      readonly reason: string;
      readonly detail: string;
      readonly hop?: TracedHop;
    };

/** Why this instance and no other. */
export type Choice =
  /** The flow has it. */
  | { readonly kind: 'Pinned' }
  /** The flow's entry was lost here, and another node left a note of who has it. */
  | { readonly kind: 'Noted' }
  /** The hop has no other one that takes new flows. */
  | { readonly kind: 'Only'; readonly movedFrom?: number }
  /** The hash of the flow picks it among so many. `movedFrom`: the flow had that one, which can take it no longer. */
  | { readonly kind: 'Hashed'; readonly among: number; readonly movedFrom?: number }
  /** The sender chose it. */
  | { readonly kind: 'Addressed' };
