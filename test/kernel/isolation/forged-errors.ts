// SPDX-License-Identifier: Apache-2.0
import { icmp, PROTOCOL, ports } from '../../packets/frame.ts';
import { type Attack, ends, type Target, to } from './attacks.ts';
import { addressOf, type Family, frame, type Host, packet, SIGN } from './ground.ts';

const ICMP = { 4: PROTOCOL.icmp, 6: PROTOCOL.icmpv6 } as const;
/** Type, code and second word of an error (RFC 792, RFC 4443). */
const ERROR = {
  unreachable: { 4: [3, 3, 0], 6: [1, 4, 0] },
  mtu: { 4: [3, 4, 600], 6: [2, 0, 1280] },
} as const;

/** An error that quotes a datagram with the sign in it. */
export function error(family: Family, kind: keyof typeof ERROR, quoted: Ends): Buffer {
  const [type, code, word] = ERROR[kind][family];
  const datagram = ports(2000, 53, Buffer.concat([Buffer.from([0, 40, 0, 0]), SIGN]));
  const payload = packet(family, { ...quoted, protocol: PROTOCOL.udp, payload: datagram });
  const message = icmp(type, code, payload);
  message.writeUInt32BE(word, 4);
  return message;
}

const other = (host: Host): Host => (host === 2 ? 3 : 2);
interface Ends {
  readonly source: string;
  readonly destination: string;
}

/** A frame of the attacker with an error, in its own name, about a packet with these ends. */
export function forgeError(target: Target, kind: keyof typeof ERROR, quoted: Ends): Buffer {
  const { family } = target;
  const payload = error(family, kind, quoted);
  return frame(family, packet(family, { ...to(target), protocol: ICMP[family], payload }), ends(target));
}

/** Errors in the attacker's own name about packets that it cannot have received. */
export const FORGED_ERRORS: readonly Attack[] = [
  [
    'an error about its victim’s flow to another pod',
    (t) =>
      forgeError(t, 'unreachable', {
        source: addressOf(t.family, t.host),
        destination: addressOf(t.family, other(t.host)),
      }),
    'spoofed_error',
  ],
  [
    'a path MTU of its victim’s way to another pod',
    (t) =>
      forgeError(t, 'mtu', {
        source: addressOf(t.family, t.host),
        destination: addressOf(t.family, other(t.host)),
      }),
    'spoofed_error',
  ],
  [
    'an error about a flow to nobody',
    (t) =>
      forgeError(t, 'unreachable', {
        source: addressOf(t.family, t.host),
        destination: addressOf(t.family, 77),
      }),
    'spoofed_error',
  ],
  [
    'an error for its victim about somebody else’s packet to itself',
    (t) =>
      forgeError(t, 'unreachable', {
        source: addressOf(t.family, other(t.host)),
        destination: addressOf(t.family, 1),
      }),
    'spoofed_error',
  ],
];
