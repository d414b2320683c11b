import { closeSync } from 'node:fs';
import { BPF, BpfAttr, objectInfo, openPinned } from '../bpf.ts';
import { SyscallError } from '../errno.ts';

/** `struct bpf_map_info` up to its value's size. */
const INFO_SIZE = 16;

/** A hash map that is read again and again: kept open, read whole into the same memory by one system call. */
export class MapReader {
  readonly #path: string;
  readonly #fd: number;
  readonly #keySize: number;
  readonly #valueSize: number;
  readonly #position = Buffer.alloc(16);
  #keys: Buffer;
  #values: Buffer;
  #capacity: number;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openPinned(path);
    const info = objectInfo(this.#fd, { what: path, size: INFO_SIZE });
    this.#keySize = info.readUInt32LE(8);
    this.#valueSize = info.readUInt32LE(12);
    this.#capacity = 64;
    this.#keys = Buffer.alloc(this.#capacity * this.#keySize);
    this.#values = Buffer.alloc(this.#capacity * this.#valueSize);
  }

  /** First number (u32) of each value, by key (one char a byte). */
  readFirstNumbers(into: Map<string, number>): void {
    const count = this.#read();
    for (let index = 0; index < count; index += 1) {
      const key = this.#keys.toString('latin1', index * this.#keySize, (index + 1) * this.#keySize);
      into.set(key, this.#values.readUInt32LE(index * this.#valueSize));
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(): number {
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

  /** A read that was cut short starts anew with more room, so what is read was there at one time. */
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
