// SPDX-License-Identifier: Apache-2.0
const BLOCK_BITS = 8n;
const BLOCK_SIZE = 256;
const WORDS = BLOCK_SIZE / 32;

interface Block {
  readonly words: Uint32Array;
  taken: number;
}

/**
 * Which numbers are taken, as a sparse bitmap in blocks of 256. A full block is stepped over in one go, so
 * finding a free address among 10,000 taken ones looks at 40 blocks at most, however large the subnet is.
 */
export class Occupancy {
  readonly #blocks = new Map<bigint, Block>();

  /** Marks a number as taken; marking it twice is the same as once. */
  add(value: bigint): void {
    const key = value >> BLOCK_BITS;
    let block = this.#blocks.get(key);
    if (block === undefined) {
      block = { words: new Uint32Array(WORDS), taken: 0 };
      this.#blocks.set(key, block);
    }
    const { word, bit } = place(value);
    const before = block.words[word]!;
    if ((before & bit) !== 0) return;
    block.words[word] = before | bit;
    block.taken += 1;
  }

  /** Marks a number as free again. */
  remove(value: bigint): void {
    const key = value >> BLOCK_BITS;
    const block = this.#blocks.get(key);
    if (block === undefined) return;
    const { word, bit } = place(value);
    const before = block.words[word]!;
    if ((before & bit) === 0) return;
    block.words[word] = before & ~bit;
    block.taken -= 1;
    if (block.taken === 0) this.#blocks.delete(key);
  }

  has(value: bigint): boolean {
    const block = this.#blocks.get(value >> BLOCK_BITS);
    if (block === undefined) return false;
    const { word, bit } = place(value);
    return (block.words[word]! & bit) !== 0;
  }

  /** The first free number of first..last (both included), or undefined when all are taken. */
  firstFree(first: bigint, last: bigint): bigint | undefined {
    let candidate = first;
    while (candidate <= last) {
      const key = candidate >> BLOCK_BITS;
      const block = this.#blocks.get(key);
      const free = block === undefined ? offsetIn(candidate) : freeInBlock(block, offsetIn(candidate));
      if (free !== undefined) {
        const found = (key << BLOCK_BITS) | BigInt(free);
        return found <= last ? found : undefined;
      }
      candidate = (key + 1n) << BLOCK_BITS;
    }
    return undefined;
  }

  /** How many numbers of first..last (both included) are taken. */
  count(first: bigint, last: bigint): number {
    let total = 0;
    for (const [key, block] of this.#blocks) {
      const start = key << BLOCK_BITS;
      const end = start + BigInt(BLOCK_SIZE - 1);
      if (end < first || start > last) continue;
      if (start >= first && end <= last) total += block.taken;
      else total += countWithin({ occupancy: this, first: larger(start, first), last: smaller(end, last) });
    }
    return total;
  }
}

function offsetIn(value: bigint): number {
  return Number(value & BigInt(BLOCK_SIZE - 1));
}

function place(value: bigint): { word: number; bit: number } {
  const offset = offsetIn(value);
  return { word: offset >> 5, bit: 1 << (offset & 31) };
}

function freeInBlock(block: Block, from: number): number | undefined {
  if (block.taken === BLOCK_SIZE) return undefined;
  for (let word = from >> 5; word < WORDS; word += 1) {
    // Offsets of the first word that lie before `from` count as taken.
    const before = word === from >> 5 ? (1 << (from & 31)) - 1 : 0;
    const free = ~(block.words[word]! | before) >>> 0;
    if (free !== 0) return word * 32 + (31 - Math.clz32(free & -free));
  }
  return undefined;
}

function countWithin(options: { occupancy: Occupancy; first: bigint; last: bigint }): number {
  let total = 0;
  for (let value = options.first; value <= options.last; value += 1n) {
    if (options.occupancy.has(value)) total += 1;
  }
  return total;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
