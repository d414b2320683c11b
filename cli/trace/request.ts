// SPDX-License-Identifier: Apache-2.0
import { type Address, type Family, tryParseAddress } from '../../api/net/address.ts';
import { UsageError } from '../../kube/base/flags.ts';
import { type Flags, textOf } from '../options.ts';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

export type TraceEnd =
  | ({ readonly kind: 'Pod' } & PodName)
  | { readonly kind: 'Address'; readonly address: Address };

export const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMP'] as const;
export type ProtocolName = (typeof PROTOCOLS)[number];

/** The question of a trace: may this packet go from here to there, and which way does it take? */
export interface TraceRequest {
  readonly from: PodName;
  readonly to: TraceEnd;
  readonly protocol: ProtocolName;
  /** 0 with ICMP. */
  readonly port: number;
  readonly sourcePort: number;
  /** `name` or `namespace/name`; undefined: the network that both ends are on. */
  readonly network: string | undefined;
  readonly family: Family | undefined;
  /** Whether to trace the reply, from `to` to `from`. */
  readonly reply: boolean;
  /** Whether it is the first packet of a TCP connection. */
  readonly opens: boolean;
}

/** A source port of the range that systems use for connections that they open. */
const SOURCE_PORT = 40_000;

/**
 * Pure: parses the flags of `trace`.
 * @param namespace of pods that are named without one
 * @throws UsageError
 */
export function parseRequest(flags: Flags, namespace: string): TraceRequest {
  const from = parseEnd('--from', textOf(flags, 'from'), namespace);
  const to = parseEnd('--to', textOf(flags, 'to'), namespace);
  if (from.kind !== 'Pod') {
    throw new UsageError('--from: must be a pod, such as pod/client: its node is where the packet begins');
  }
  const port = numberOf(flags, 'port');
  const protocol = parseProtocol(textOf(flags, 'protocol') ?? (port === undefined ? 'ICMP' : 'TCP'));
  const sourcePort = numberOf(flags, 'source-port');
  if (protocol === 'ICMP' && (port !== undefined || sourcePort !== undefined)) {
    throw new UsageError('--port: ICMP has no ports; leave it out, or choose another --protocol');
  }
  if (protocol !== 'ICMP' && port === undefined) throw new UsageError(`--port: is missing with ${protocol}`);
  const family = parseFamily(textOf(flags, 'family'));
  const toFamily = to.kind === 'Address' ? to.address.family : undefined;
  if (family !== undefined && toFamily !== undefined && family !== toFamily) {
    throw new UsageError(`--family: ${family} is not the family of --to`);
  }
  return {
    from: { namespace: from.namespace, name: from.name },
    to,
    protocol,
    port: port ?? 0,
    sourcePort: protocol === 'ICMP' ? 0 : (sourcePort ?? SOURCE_PORT),
    network: textOf(flags, 'network'),
    family: family ?? toFamily,
    reply: flags.reply === true,
    opens: flags.syn === true && protocol === 'TCP',
  };
}

/** Parses one end: `pod/NAME`, `pod/NAMESPACE/NAME`, both also without `pod/`, or an address. */
function parseEnd(flag: string, text: string | undefined, namespace: string): TraceEnd {
  if (text === undefined || text === '')
    throw new UsageError(`${flag}: is missing; give it a pod, such as pod/web-1`);
  const address = tryParseAddress(text);
  if (address) return { kind: 'Address', address };
  const parts = text.split('/');
  if (['pod', 'pods', 'po'].includes(parts[0]!) && parts.length > 1) parts.shift();
  if (parts.length > 2 || parts.some((part) => !/^[a-z0-9][-a-z0-9.]*$/.test(part))) {
    throw new UsageError(`${flag}: "${text}" is neither pod/NAME, pod/NAMESPACE/NAME nor an address`);
  }
  return parts.length === 2
    ? { kind: 'Pod', namespace: parts[0]!, name: parts[1]! }
    : { kind: 'Pod', namespace, name: parts[0]! };
}

function parseProtocol(text: string): ProtocolName {
  const protocol = PROTOCOLS.find((name) => name === text.toUpperCase());
  if (!protocol) throw new UsageError(`--protocol: "${text}" is not one of ${PROTOCOLS.join(', ')}`);
  return protocol;
}

function parseFamily(text: string | undefined): Family | undefined {
  if (text === undefined) return undefined;
  if (text !== '4' && text !== '6') throw new UsageError(`--family: "${text}" is not 4 or 6`);
  return text === '4' ? 4 : 6;
}

function numberOf(flags: Flags, name: string): number | undefined {
  const text = textOf(flags, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value < 1 || value > 65535) {
    throw new UsageError(`--${name}: "${text}" is not a port from 1 to 65535`);
  }
  return value;
}
