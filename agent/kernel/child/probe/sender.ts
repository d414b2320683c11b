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
/** The kernel takes no more in one call. */
const MAX_MESSAGES = 1024;

export interface Frame {
  readonly bytes: Uint8Array;
  /** Where round and time stand. */
  readonly stampAt: number;
}

/** Frames that are sent many times: laid out once for sendmmsg, so that a round is a few writes and one system call. */
export class FrameSet {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #stamps: readonly number[];
  readonly #vectors: Buffer;
  readonly #messages: Buffer;
  /** Two lists of the same frames: the one that is filled for a round, by position of the frame. */
  readonly #templates: Buffer;

  constructor(frames: readonly Frame[]) {
    this.#bytes = Buffer.concat(frames.map(({ bytes }) => bytes));
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    this.#vectors = Buffer.alloc(frames.length * IOV);
    this.#templates = Buffer.alloc(frames.length * MESSAGE);
    this.#messages = Buffer.alloc(frames.length * MESSAGE);
    let at = 0;
    this.#stamps = frames.map(({ bytes, stampAt }, index) => {
      const start = at;
      at += bytes.length;
      this.#vectors.writeBigUInt64LE(addressOf(this.#bytes) + BigInt(start), index * IOV);
      this.#vectors.writeBigUInt64LE(BigInt(bytes.length), index * IOV + 8);
      const message = index * MESSAGE;
      this.#templates.writeBigUInt64LE(addressOf(this.#vectors) + BigInt(index * IOV), message + MESSAGE_IOV);
      this.#templates.writeBigUInt64LE(1n, message + MESSAGE_IOV_LENGTH);
      return start + stampAt;
    });
  }

  /**
   * Stamps and sends the frames at these positions, in order.
   * @returns how many the kernel took: fewer, when its buffers are full
   */
  send(fd: number, positions: readonly number[], stamp: { round: number; nanoseconds: bigint }): number {
    positions.forEach((position, index) => {
      const at = this.#stamps[position]!;
      this.#view.setUint32(at, stamp.round, true);
      this.#view.setBigUint64(at + 4, stamp.nanoseconds, true);
      const message = position * MESSAGE;
      this.#templates.copy(this.#messages, index * MESSAGE, message, message + MESSAGE);
    });
    let sent = 0;
    while (sent < positions.length) {
      const count = Math.min(positions.length - sent, MAX_MESSAGES);
      const taken = sendMessages(fd, this.#messages.subarray(sent * MESSAGE), count);
      sent += taken;
      if (taken < count) break;
    }
    return sent;
  }
}

/** A socket that only sends, past the queueing discipline: nothing is worth waiting for. */
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
