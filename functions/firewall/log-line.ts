// SPDX-License-Identifier: Apache-2.0
import { decodeMark } from '../../api/context/context.ts';

/** A packet that matched a rule with `log`, as it is written to the log. */
export interface LoggedPacket {
  readonly rule: string;
  readonly action: string;
  readonly pathId: number;
  /** The direction on the chain: Forward is from `from` to `to`. */
  readonly direction: 'Forward' | 'Reply';
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmpType?: number;
  readonly bytes: number;
}

type Fields = Readonly<Record<string, unknown>>;

const NAMES: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 132: 'SCTP' };

/** Pure: parses one line of ulogd's JSON; undefined for a line that is not about a logged packet. */
export function parseLogLine(line: string): LoggedPacket | undefined {
  const fields = JSON.parse(line) as Fields;
  const [action, rule] = String(fields['oob.prefix'] ?? '')
    .trim()
    .split(' ');
  if (!action || !rule) return undefined;
  const { path, isReply } = decodeMark(numberOf(fields['oob.mark']));
  const protocol = numberOf(fields['ip.protocol'] ?? fields['ip6.nexthdr']);
  return {
    rule,
    action,
    pathId: path,
    direction: isReply ? 'Reply' : 'Forward',
    protocol: NAMES[protocol] ?? String(protocol),
    source: String(fields.src_ip ?? ''),
    destination: String(fields.dest_ip ?? ''),
    ...number('sourcePort', fields.src_port),
    ...number('destinationPort', fields.dest_port),
    ...number('icmpType', fields['icmp.type'] ?? fields['icmpv6.type']),
    bytes: numberOf(fields['raw.pktlen']),
  };
}

function number(name: string, value: unknown): Record<string, number> {
  return typeof value === 'number' ? { [name]: value } : {};
}

/** 0 for what is no number. */
function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
