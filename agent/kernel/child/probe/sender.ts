// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { addressOf, bindSocket, openSocket, sendMessages, setSocketOption } from '../libc.ts';

const AF_PACKET = 17;
const SOCK_RAW_CLOEXEC = 0x80003;
const SOL_PACKET = 263;
const PACKET_QDISC_BYPASS = 20;
const ETH_ALEN = 6;

/** `struct mmsghdr` and `struct iovec` of the 64 bit ABIs that we run on. */
const MESSAGE = 64;
const MESSAGE_IOV = 16;
const MESSAGE_IOV_LENGTH = 24;
const IOV = 16;
const IOV_LENGTH = 8;
/** The kernel takes no more in one call. */
const MAX_MESSAGES = 1024;

export interface Frame {
  readonly bytes: Uint8Array;
  /** Offset of the round, which the time follows. */
  readonly stampAt: number;
}

/** Frames that are sent together repeatedly. Their memory is prepared once for sendmmsg: a round is few writes and one call. */
export class FrameSet {
  readonly #view: DataView;
  readonly #stamps: readonly number[];
  /** The messages, and behind them the vectors that they point to: the collector does not see an address as a use. */
  readonly #messages: Buffer;

  constructor(frames: readonly Frame[]) {
    const bytes = Buffer.concat(frames.map((frame) => frame.bytes));
    const messages = Buffer.alloc(frames.length * (MESSAGE + IOV));
    this.#messages = messages;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [bytesAddress, messagesAddress] = [addressOf(bytes), addressOf(messages)];
    let at = 0;
    this.#stamps = frames.map((frame, index) => {
      const start = at;
      at += frame.bytes.length;
      const vector = frames.length * MESSAGE + index * IOV;
      messages.writeBigUInt64LE(bytesAddress + BigInt(start), vector);
      messages.writeBigUInt64LE(BigInt(frame.bytes.length), vector + IOV_LENGTH);
      const message = index * MESSAGE;
      messages.writeBigUInt64LE(messagesAddress + BigInt(vector), message + MESSAGE_IOV);
      messages.writeBigUInt64LE(1n, message + MESSAGE_IOV_LENGTH);
      return start + frame.stampAt;
    });
  }

  /**
   * Stamps all frames and sends them in order.
   * @returns how many the kernel took: fewer, when its buffers are full
   */
  send(fd: number, stamp: { readonly round: number; readonly nanoseconds: bigint }): number {
    const low = Number(stamp.nanoseconds & 0xffffffffn);
    const high = Number(stamp.nanoseconds >> 32n);
    for (const at of this.#stamps) {
      this.#view.setUint32(at, stamp.round, true);
      this.#view.setUint32(at + 4, low, true);
      this.#view.setUint32(at + 8, high, true);
    }
    const total = this.#stamps.length;
    let sent = 0;
    while (sent < total) {
      const count = Math.min(total - sent, MAX_MESSAGES);
      const taken = sendMessages(fd, this.#messages.subarray(sent * MESSAGE), count);
      sent += taken;
      if (taken < count) break;
    }
    return sent;
  }
}

/** Opens a socket that only sends, and bypasses the queueing discipline, so that no frame waits. */
export function openFrameSocket(ifindex: number): number {
  // Protocol 0: nothing is ever received.
  const fd = openSocket({ domain: AF_PACKET, type: SOCK_RAW_CLOEXEC, protocol: 0 });
  try {
    setSocketOption(fd, {
      level: SOL_PACKET,
      name: PACKET_QDISC_BYPASS,
      value: Uint8Array.of(1, 0, 0, 0),
    });
    bindSocket(fd, linkAddress(ifindex));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** `struct sockaddr_ll`. */
function linkAddress(ifindex: number): Buffer {
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeInt32LE(ifindex, 4);
  address.writeUInt8(ETH_ALEN, 11);
  return address;
}
