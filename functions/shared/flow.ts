// SPDX-License-Identifier: Apache-2.0
/** One flow as the kernel tracks it. */
export interface TrackedFlow {
  readonly protocol: string;
  /** The state, for protocols that have states: `ESTABLISHED`, `TIME_WAIT`, ... */
  readonly state: string | undefined;
  /** Seconds until the kernel forgets the flow, if no packet of it comes. */
  readonly secondsLeft: number;
  /** Conntrack's ASSURED flag: the kernel has seen a conversation, not only one question. */
  readonly assured: boolean;
  /** The path id of a chain's flow; undefined for the pod's own traffic. */
  readonly zone: number | undefined;
}

/**
 * Returns how long the kernel remembers a flow after its last packet. The name is that of the setting below
 * nf_conntrack.
 */
export type Timeouts = (setting: string) => number | undefined;

/** Pure: parses one line of `conntrack -L`; undefined when the line is not a flow. */
export function parseFlow(line: string): TrackedFlow | undefined {
  const [protocol, number, secondsLeft, word] = line.trim().split(/\s+/);
  if (!protocol || !/^\d+$/.test(number ?? '') || !/^\d+$/.test(secondsLeft ?? '')) return undefined;
  const zone = /\bzone=(\d+)\b/.exec(line)?.[1];
  return {
    protocol,
    state: word && /^[A-Z_\d]+$/.test(word) ? word : undefined,
    secondsLeft: Number(secondsLeft),
    assured: line.includes('[ASSURED]'),
    zone: zone === undefined ? undefined : Number(zone),
  };
}

/** A live flow may pause: keepalives come every 15 to 25 seconds. */
const PAUSE_SECONDS = 30;
/** A flow that is not a conversation yet, or not any more, has ended when no packet comes for this time. */
const ECHO_SECONDS = 3;

const OPEN: ReadonlySet<string> = new Set(['ESTABLISHED']);
const OVER: ReadonlySet<string> = new Set(['TIME_WAIT', 'CLOSE', 'CLOSED', 'SHUTDOWN_ACK_SENT']);
/** One end has closed its direction; the other may go on sending for a long time. */
const HALF_OPEN: ReadonlySet<string> = new Set(['FIN_WAIT', 'CLOSE_WAIT']);

/** Pure: whether a flow still needs this instance. */
export function isLive(flow: TrackedFlow, timeouts: Timeouts): boolean {
  if (flow.zone === undefined) return false;
  if (flow.state !== undefined && OPEN.has(flow.state)) return true;
  if (flow.state !== undefined && OVER.has(flow.state)) return false;
  const timeout = timeouts(settingOf(flow));
  // The timeout of this protocol is unknown: it is better to end the flow too late than too early.
  if (timeout === undefined) return true;
  const talks = flow.state === undefined ? flow.assured : HALF_OPEN.has(flow.state);
  return timeout - flow.secondsLeft <= (talks ? PAUSE_SECONDS : ECHO_SECONDS);
}

function settingOf({ protocol, state, assured }: TrackedFlow): string {
  if (state !== undefined) return `${protocol}_timeout_${state.toLowerCase()}`;
  switch (protocol) {
    case 'udp':
    case 'gre':
      return assured ? `${protocol}_timeout_stream` : `${protocol}_timeout`;
    case 'icmp':
    case 'icmpv6':
      return `${protocol}_timeout`;
    default:
      return 'generic_timeout';
  }
}
