// SPDX-License-Identifier: Apache-2.0
/** The task of a client. It runs until it gets SIGTERM, or for `seconds`. */
export interface TrafficPlan {
  /** The unique name of this traffic, by which its processes are found. */
  readonly name: string;
  readonly address: string;
  /** The UDP and TCP port of `server.ts`. */
  readonly port: number;
  /** The number of flows of numbered datagrams, each with a datagram every 10 ms. */
  readonly datagramFlows: number;
  /** The number of connections that stay open, each with one question and answer after another. */
  readonly connections: number;
  /** The number of connections each second that are opened, asked once and closed. */
  readonly newPerSecond: number;
  readonly seconds?: number;
}

export interface TrafficResult {
  readonly udp: {
    readonly sent: number;
    readonly lost: number;
    /** The first runs of consecutive lost datagrams of a flow. */
    readonly gaps: readonly { readonly at: string; readonly packets: number }[];
  };
  readonly tcp: {
    readonly opened: number;
    readonly answers: number;
    /** Connections that ended before the client closed them, and why. */
    readonly broken: readonly string[];
    /** Connections whose last question had no answer ten seconds after the end. */
    readonly unanswered: number;
    /** The longest time between a question and its answer. */
    readonly slowestMs: number;
  };
  readonly fresh: {
    readonly opened: number;
    readonly failed: readonly string[];
    readonly slowestMs: number;
  };
  /** How long the client itself did not run. Slower results than this are not caused by the machine. */
  readonly pausedMs: number;
}
