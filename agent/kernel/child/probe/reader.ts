// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import { BPF, BpfAttr, objectInfo, openPinned } from '../bpf.ts';
import { SyscallError } from '../errno.ts';

/** `struct bpf_map_info` up to its value's size. */
const INFO_SIZE = 16;

/**
 * Reads the first number (u32) of values of a hash map repeatedly. The map stays open, and one system call reads all of it
 * into the same memory. The map's order is the same while its keys are, so the place of a key is looked up only once.
 */
export class MapReader {
  readonly #path: string;
  readonly #wanted: readonly string[];
  readonly #fd: number;
  readonly #keySize: number;
  readonly #valueSize: number;
  readonly #position = Buffer.alloc(16);
  #keys: Buffer;
  #values: Buffer;
  #capacity: number;
  #knownKeys = Buffer.alloc(0);
  /** For each wanted key, its place in the last read; -1 if it was missing. */
  #places: readonly number[] = [];

  /** @param wanted keys, one char a byte */
  constructor(path: string, wanted: readonly string[]) {
    this.#path = path;
    this.#wanted = wanted;
    this.#fd = openPinned(path);
    const info = objectInfo(this.#fd, { what: path, size: INFO_SIZE });
    this.#keySize = info.readUInt32LE(8);
    this.#valueSize = info.readUInt32LE(12);
    this.#capacity = 64;
    this.#keys = Buffer.alloc(this.#capacity * this.#keySize);
    this.#values = Buffer.alloc(this.#capacity * this.#valueSize);
  }

  read(): void {
    const count = this.#readAll();
    const keys = this.#keys.subarray(0, count * this.#keySize);
    if (keys.equals(this.#knownKeys)) return;
    this.#knownKeys = Buffer.from(keys);
    const places = new Map<string, number>();
    for (let place = 0; place < count; place += 1) {
      places.set(keys.toString('latin1', place * this.#keySize, (place + 1) * this.#keySize), place);
    }
    this.#places = this.#wanted.map((key) => places.get(key) ?? -1);
  }

  /** The number of the last read for a key, by the position of the key among the wanted ones. */
  numberAt(position: number): number | undefined {
    const place = this.#places[position] ?? -1;
    return place < 0 ? undefined : this.#values.readUInt32LE(place * this.#valueSize);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #readAll(): number {
    for (;;) {
      const attr = new BpfAttr();
      attr.pointer(8, this.#position);
      attr.pointer(16, this.#keys);
      attr.pointer(24, this.#values);
      attr.u32(32, this.#capacity);
      attr.u32(36, this.#fd);
      if (this.#reachedEnd(attr)) return attr.readU32(32);
      this.#grow();
    }
  }

  /** Reads the whole map. If the memory is too small, it starts again with more, so that the entries are of one time. */
  #reachedEnd(attr: BpfAttr): boolean {
    try {
      attr.run(`dump ${this.#path}`, BPF.mapLookupBatch);
      return false;
    } catch (error) {
      if (error instanceof SyscallError && error.code === 'ENOENT') return true;
      if (error instanceof SyscallError && error.code === 'ENOSPC') return false;
      throw error;
    }
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#keys = Buffer.alloc(this.#capacity * this.#keySize);
    this.#values = Buffer.alloc(this.#capacity * this.#valueSize);
  }
}
