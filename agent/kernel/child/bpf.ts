// SPDX-License-Identifier: Apache-2.0
import { closeSync, readFileSync } from 'node:fs';
import { addressOf, bpfCall } from './libc.ts';

/** Commands of bpf(2), from `enum bpf_cmd`. */
export const BPF = {
  mapLookup: 1,
  mapUpdate: 2,
  mapDelete: 3,
  mapNextKey: 4,
  objPin: 6,
  objGet: 7,
  progTestRun: 10,
  objInfo: 15,
  mapLookupBatch: 24,
  mapUpdateBatch: 26,
  mapDeleteBatch: 27,
  linkCreate: 28,
  linkUpdate: 29,
} as const;

/** `union bpf_attr` is larger than this, but the kernel takes a short one and reads zeros for the rest. */
const ATTR_SIZE = 80;

/**
 * A zeroed `union bpf_attr`, filled by offset and run once. It holds on to every buffer that it points
 * to: the collector does not see an address as a use, and the kernel writes there.
 */
export class BpfAttr {
  readonly #bytes = Buffer.alloc(ATTR_SIZE);
  #targets: Uint8Array[] = [];

  u32(offset: number, value: number): this {
    this.#bytes.writeUInt32LE(value, offset);
    return this;
  }

  u64(offset: number, value: number): this {
    this.#bytes.writeBigUInt64LE(BigInt(value), offset);
    return this;
  }

  pointer(offset: number, target: Uint8Array): this {
    this.#targets.push(target);
    this.#bytes.writeBigUInt64LE(target.length === 0 ? 0n : addressOf(target), offset);
    return this;
  }

  /** What the kernel wrote back. */
  readU32(offset: number): number {
    return this.#bytes.readUInt32LE(offset);
  }

  run(what: string, command: number): number {
    try {
      return bpfCall(what, command, this.#bytes);
    } finally {
      this.#targets = [];
    }
  }
}

/** Opens the object that is pinned at `path`, and closes it after `work`. */
export function withPinned<T>(path: string, work: (fd: number) => T): T {
  const fd = openPinned(path);
  try {
    return work(fd);
  } finally {
    closeSync(fd);
  }
}

/** Opens the object that is pinned at `path`; the caller closes the descriptor. */
export function openPinned(path: string): number {
  return new BpfAttr().pointer(0, cString(path)).run(`open pin ${path}`, BPF.objGet);
}

export function pinAt(fd: number, path: string): void {
  new BpfAttr().pointer(0, cString(path)).u32(8, fd).run(`pin ${path}`, BPF.objPin);
}

/** `struct bpf_{map,prog,link}_info` of an open object; `size` bytes of it at most. */
export function objectInfo(fd: number, options: { what: string; size: number }): Buffer {
  const info = Buffer.alloc(options.size);
  new BpfAttr().u32(0, fd).u32(4, info.length).pointer(8, info).run(`info of ${options.what}`, BPF.objInfo);
  return info;
}

export function objectName(info: Buffer, offset: number): string {
  return info.toString('latin1', offset, offset + 16).replace(/\0.*$/s, '');
}

let cpus: number | undefined;

/** The number of values that a per-CPU map has for one key: that of possible CPUs, not of CPUs online. */
export function possibleCpus(): number {
  cpus ??= parseCpuList(readFileSync('/sys/devices/system/cpu/possible', 'utf8'));
  return cpus;
}

/** `0-3,8` has a highest CPU of 8: the kernel counts to the last one. */
function parseCpuList(text: string): number {
  const last = text.trim().split(/[,-]/).at(-1);
  return Number(last) + 1;
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf8');
}
