// SPDX-License-Identifier: Apache-2.0
/** One flow as the kernel tracks it. */
export interface TrackedFlow {
  readonly protocol: string;
  /** Of protocols that have states: `ESTABLISHED`, `TIME_WAIT`, ... */
  readonly state: string | undefined;
  /** Until the kernel forgets it, if no packet of it comes. */
  readonly secondsLeft: number;
  /** The kernel has seen a conversation, not one question. */
  readonly assured: boolean;
  /** The path id of a chain's flow; undefined of the pod's own traffic. */
  readonly zone: number | undefined;
}

/** How long the kernel remembers a flow after its last packet; the name is that of the setting below nf_conntrack. */
export type Timeouts = (setting: string) => number | undefined;

/** Pure: one line of `conntrack -L`; undefined when it is none. */
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

/** A conversation pauses: keepalives come every 15 to 25 seconds. */
const PAUSE_SECONDS = 30;
/** What is not a conversation yet, or not any more, is over when nothing comes for so long. */
const ECHO_SECONDS = 3;

const OPEN: ReadonlySet<string> = new Set(['ESTABLISHED']);
const OVER: ReadonlySet<string> = new Set(['TIME_WAIT', 'CLOSE', 'CLOSED', 'SHUTDOWN_ACK_SENT']);
/** One side has said all that it had to say; the other may go on for long. */
const HALF_OPEN: ReadonlySet<string> = new Set(['FIN_WAIT', 'CLOSE_WAIT']);

/** Pure: whether a flow would miss this instance. */
export function isLive(flow: TrackedFlow, timeouts: Timeouts): boolean {
  if (flow.zone === undefined) return false;
  if (flow.state !== undefined && OPEN.has(flow.state)) return true;
  if (flow.state !== undefined && OVER.has(flow.state)) return false;
  const timeout = timeouts(settingOf(flow));
  // A protocol of which we know nothing: better late than too early.
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
