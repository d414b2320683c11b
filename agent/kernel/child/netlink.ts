// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync } from 'node:fs';
import type { DescriptorPlaceholder, NetlinkMessage } from '../protocol.ts';
import { openPinned } from './bpf.ts';
import { SyscallError } from './errno.ts';
import { openSocket, receiveBytes, sendBytes, setSocketOption } from './libc.ts';
import { inNamespace } from './namespace.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x80003;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;
const HEADER = 16;

const receiveBuffer = Buffer.allocUnsafeSlow(1 << 18);
let sequence = 0;

/**
 * Sends each message in order and waits for its answer; the first error that the message does not
 * tolerate stops the rest. Answers are the payloads that came back (none for a plain acknowledgement).
 */
export function runNetlink(args: { netns?: string; messages: readonly NetlinkMessage[] }): Uint8Array[][] {
  if (args.netns === undefined) return runOnOwnSocket(args.messages);
  return inNamespace(args.netns, () => {
    const fd = openRouteSocket();
    try {
      return args.messages.map((message) => exchange(fd, message));
    } finally {
      closeSync(fd);
    }
  });
}

/** The socket of the node's own namespace stays open, since it is used all the time. An open socket of a pod's namespace
 * would keep that namespace alive. */
let ownSocket: number | undefined;

function runOnOwnSocket(messages: readonly NetlinkMessage[]): Uint8Array[][] {
  ownSocket ??= openRouteSocket();
  const fd = ownSocket;
  try {
    return messages.map((message) => exchange(fd, message));
  } catch (error) {
    // An answer may still arrive (after a timeout), so the next request uses a new socket.
    closeSync(fd);
    ownSocket = undefined;
    throw error;
  }
}

function openRouteSocket(): number {
  const fd = openSocket({ domain: AF_NETLINK, type: SOCK_RAW_CLOEXEC, protocol: NETLINK_ROUTE });
  const on = Buffer.from([1, 0, 0, 0]);
  for (const name of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
    setSocketOption(fd, { level: SOL_NETLINK, name, value: on });
  }
  // A timeout, since a lost answer must not block the child: the caller has a deadline.
  const twoSeconds = Buffer.alloc(16);
  twoSeconds.writeBigInt64LE(2n, 0);
  setSocketOption(fd, { level: SOL_SOCKET, name: SO_RCVTIMEO, value: twoSeconds });
  return fd;
}

function exchange(fd: number, message: NetlinkMessage): Uint8Array[] {
  const bytes = Buffer.from(message.bytes);
  sequence = (sequence + 1) >>> 0;
  bytes.writeUInt32LE(sequence, 8);
  withDescriptors(message.descriptors, (fds) => {
    message.descriptors.forEach((place, index) => {
      bytes.writeUInt32LE(fds[index]!, place.offset);
    });
    sendBytes(fd, bytes);
  });
  return collectAnswer(fd, { request: bytes, tolerate: message.tolerate });
}

/** Opens the objects of the placeholders, passes their descriptors to `work` in the same order, and then closes them. */
function withDescriptors(
  places: readonly DescriptorPlaceholder[],
  work: (fds: readonly number[]) => void,
): void {
  const fds: number[] = [];
  try {
    for (const { kind, path } of places) {
      fds.push(kind === 'Netns' ? openSync(path, 'r') : openPinned(path));
    }
    work(fds);
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

function collectAnswer(fd: number, options: { request: Buffer; tolerate: readonly string[] }): Uint8Array[] {
  const { request, tolerate } = options;
  const wanted = request.readUInt32LE(8);
  const payloads: Uint8Array[] = [];
  for (;;) {
    const received = receiveBuffer.subarray(0, receiveBytes(fd, receiveBuffer));
    for (let at = 0; at + HEADER <= received.length; ) {
      const length = received.readUInt32LE(at);
      const message = received.subarray(at, at + length);
      at += (length + 3) & ~3;
      if (message.readUInt32LE(8) !== wanted) continue;
      const type = message.readUInt16LE(4);
      if (type === NLMSG_ERROR || type === NLMSG_DONE) {
        throwUnlessTolerated(message, { type, request, tolerate });
        // After the answers of a get, the kernel sends an acknowledgement too: it ends a get and a change.
        return payloads;
      }
      payloads.push(Uint8Array.prototype.slice.call(message));
    }
  }
}

function throwUnlessTolerated(
  answer: Buffer,
  context: { type: number; request: Buffer; tolerate: readonly string[] },
): void {
  const errno = answer.length >= HEADER + 4 ? -answer.readInt32LE(HEADER) : 0;
  if (errno <= 0) return;
  const error = new SyscallError(
    `netlink ${requestName(context.request)}`,
    errno,
    extendedMessage(answer, context.type),
  );
  if (!context.tolerate.includes(error.code)) throw error;
}

/** The kernel's own error message (NLMSGERR_ATTR_MSG), if it has one. */
function extendedMessage(answer: Buffer, type: number): string {
  if ((answer.readUInt16LE(6) & NLM_F_ACK_TLVS) === 0) return '';
  // An error echoes only the header of the request (NETLINK_CAP_ACK); the end of a dump echoes nothing.
  let at = type === NLMSG_ERROR ? HEADER + 4 + HEADER : HEADER + 4;
  while (at + 4 <= answer.length) {
    const length = answer.readUInt16LE(at);
    if (length < 4) return '';
    if (answer.readUInt16LE(at + 2) === NLMSGERR_ATTR_MSG) {
      return answer.toString('utf8', at + 4, at + length).replace(/\0+$/, '');
    }
    at += (length + 3) & ~3;
  }
  return '';
}

const REQUEST_NAMES: Readonly<Record<number, string>> = {
  16: 'new link',
  17: 'delete link',
  18: 'get link',
  19: 'set link',
  20: 'new address',
  21: 'delete address',
  22: 'get address',
  24: 'new route',
  25: 'delete route',
  26: 'get route',
  28: 'new neighbour',
  29: 'delete neighbour',
  30: 'get neighbour',
  32: 'new rule',
  33: 'delete rule',
  34: 'get rule',
  36: 'new qdisc',
  44: 'new filter',
  45: 'delete filter',
  46: 'get filter',
  90: 'get namespace id',
};

function requestName(request: Buffer): string {
  const type = request.readUInt16LE(4);
  return REQUEST_NAMES[type] ?? `request ${type}`;
}
