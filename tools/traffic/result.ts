// SPDX-License-Identifier: Apache-2.0
/** What a client shall do; it goes on until it is told to end (SIGTERM), or for `seconds`. */
export interface TrafficPlan {
  /** Of this traffic alone: its processes are found by it. */
  readonly name: string;
  readonly address: string;
  /** UDP and TCP of `server.ts`. */
  readonly port: number;
  /** Flows of numbered datagrams, one each 10 ms. */
  readonly datagramFlows: number;
  /** Connections that stay, each with a question and its answer all the time. */
  readonly connections: number;
  /** Connections a second that are opened, asked once and closed. */
  readonly newPerSecond: number;
  readonly seconds?: number;
}

export interface TrafficResult {
  readonly udp: {
    readonly sent: number;
    readonly lost: number;
    /** Runs of datagrams of one flow that were lost, the first ones. */
    readonly gaps: readonly { readonly at: string; readonly packets: number }[];
  };
  readonly tcp: {
    readonly opened: number;
    readonly answers: number;
    /** Connections that ended before they were told to, and why. */
    readonly broken: readonly string[];
    /** Connections whose last question has no answer ten seconds after the end. */
    readonly unanswered: number;
    /** Between a question and its answer. */
    readonly slowestMs: number;
  };
  readonly fresh: {
    readonly opened: number;
    readonly failed: readonly string[];
    readonly slowestMs: number;
  };
  /** How long the client itself did not run: what is slower than this is not the machine's fault. */
  readonly pausedMs: number;
}
