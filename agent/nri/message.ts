// SPDX-License-Identifier: Apache-2.0
/** ttrpc's messages: u32be length, u32be stream, type, flags, then the data. Inside one connection of the mux. */

export const REQUEST = 1;
export const RESPONSE = 2;

const HEADER = 10;
const MAX_DATA = 4 << 20;

export interface Message {
  readonly stream: number;
  readonly type: number;
  readonly data: Buffer;
}

export function encodeMessage(message: {
  readonly stream: number;
  readonly type: number;
  readonly data: Uint8Array;
}): Buffer {
  const { stream, type, data } = message;
  if (data.length > MAX_DATA)
    throw new Error(`ttrpc message of ${data.length} bytes: the limit is ${MAX_DATA}`);
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(data.length, 0);
  header.writeUInt32BE(stream, 4);
  header.writeUInt8(type, 8);
  return Buffer.concat([header, data]);
}

/** Puts messages together from the payloads of one connection. */
export class MessageReader {
  #pieces: Buffer[] = [];
  #length = 0;

  push(piece: Buffer): Message[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const messages: Message[] = [];
    for (;;) {
      const message = this.#next();
      if (message === undefined) return messages;
      messages.push(message);
    }
  }

  /** Returns the next complete message. Pieces are joined only then: a long message has a thousand of them. */
  #next(): Message | undefined {
    if (this.#length < HEADER) return undefined;
    if (this.#pieces[0]!.length < HEADER) this.#join();
    const dataLength = this.#pieces[0]!.readUInt32BE(0);
    if (dataLength > MAX_DATA)
      throw new Error(`ttrpc message of ${dataLength} bytes: the limit is ${MAX_DATA}`);
    if (this.#length < HEADER + dataLength) return undefined;
    const bytes = this.#join();
    const rest = bytes.subarray(HEADER + dataLength);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    return {
      stream: bytes.readUInt32BE(4),
      type: bytes.readUInt8(8),
      data: bytes.subarray(HEADER, HEADER + dataLength),
    };
  }

  #join(): Buffer {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first !== undefined) return first;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    return bytes;
  }
}
