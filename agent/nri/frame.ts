// SPDX-License-Identifier: Apache-2.0
/**
 * The outermost layer of NRI: several connections over one socket. A frame is u32be connection, u32be length,
 * payload; the borders of payloads are not those of messages.
 */

/** The other side reads into a buffer of this size and fails on a longer frame. */
const MAX_PAYLOAD_OUT = 4096;
/** A ttrpc message's limit and its header: nothing longer is ever sent. */
const MAX_PAYLOAD_IN = (4 << 20) + 10;
const HEADER = 8;

export interface Frame {
  readonly connection: number;
  readonly payload: Buffer;
}

/** The bytes of one message, cut into frames that the other side can read. */
export function encodeFrames(connection: number, message: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += MAX_PAYLOAD_OUT) {
    const payload = message.subarray(at, at + MAX_PAYLOAD_OUT);
    const header = Buffer.alloc(HEADER);
    header.writeUInt32BE(connection, 0);
    header.writeUInt32BE(payload.length, 4);
    parts.push(header, payload);
  }
  return Buffer.concat(parts);
}

/** Parses frames from a stream that arrives in pieces of any size. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes the next piece; returns the frames that are complete now. */
  push(piece: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const frames: Frame[] = [];
    for (;;) {
      const frame = this.#next();
      if (frame === undefined) return frames;
      frames.push(frame);
    }
  }

  #next(): Frame | undefined {
    const bytes = this.#rest;
    if (bytes.length < HEADER) return undefined;
    const length = bytes.readUInt32BE(4);
    if (length > MAX_PAYLOAD_IN)
      throw new Error(`NRI frame of ${length} bytes: the limit is ${MAX_PAYLOAD_IN}`);
    if (bytes.length < HEADER + length) return undefined;
    this.#rest = bytes.subarray(HEADER + length);
    return { connection: bytes.readUInt32BE(0), payload: bytes.subarray(HEADER, HEADER + length) };
  }
}
