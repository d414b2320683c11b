// SPDX-License-Identifier: Apache-2.0
const NEWLINE = 0x0a;

/**
 * LineSplitter cuts a byte stream into lines. A line, or even a character, may be split over chunks, so bytes are
 * joined before they are decoded.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #pending: Buffer[] = [];

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#pending.push(chunk.subarray(start));
  }

  #finish(last: Buffer): void {
    const bytes = this.#pending.length === 0 ? last : Buffer.concat([...this.#pending, last]);
    this.#pending = [];
    if (bytes.length > 0) this.#onLine(bytes.toString('utf8'));
  }
}
