// SPDX-License-Identifier: Apache-2.0
import type { MapEntries, MapInfo } from '../protocol.ts';
import { BPF, BpfAttr, objectInfo, objectName, possibleCpus, withPinned } from './bpf.ts';
import { SyscallError } from './errno.ts';

/** `struct bpf_map_info` up to and with its name. */
const INFO_SIZE = 40;
/** Types whose values are kept once per CPU: percpu hash, percpu array, LRU percpu hash. */
const PER_CPU_TYPES: ReadonlySet<number> = new Set([5, 6, 10]);
/** Errors that mean "this map type has no batch operations". */
const NO_BATCH: ReadonlySet<string> = new Set(['ENOTSUPP', 'EOPNOTSUPP', 'EINVAL']);

interface OpenMap {
  readonly fd: number;
  readonly path: string;
  readonly info: MapInfo;
  /** Bytes of one value as the system call moves it. */
  readonly valueBytes: number;
}

export function mapInfo(args: { path: string }): MapInfo {
  return withMap(args.path, (map) => map.info);
}

/** Writes all entries: by one system call if the map type has batch operations, else by one for each entry. */
export function mapUpdate(args: { path: string; entries: MapEntries; flags?: number }): void {
  const { entries, flags = 0 } = args;
  if (entries.count === 0) return;
  withMap(args.path, (map) => {
    requireSize(map, { what: 'keys', bytes: entries.keys, each: map.info.keySize, count: entries.count });
    requireSize(map, { what: 'values', bytes: entries.values, each: map.valueBytes, count: entries.count });
    const done = runBatch(map, { command: BPF.mapUpdateBatch, ...entries, flags });
    for (let index = done; index < entries.count; index += 1) updateOne(map, { entries, index, flags });
  });
}

/** Deletes the keys, and returns how many of them existed. */
export function mapDelete(args: { path: string; keys: Uint8Array; count: number }): number {
  const { keys, count } = args;
  if (count === 0) return 0;
  return withMap(args.path, (map) => {
    requireSize(map, { what: 'keys', bytes: keys, each: map.info.keySize, count });
    // A batch stops at the first missing key, so keys are deleted one by one.
    let deleted = 0;
    for (let index = 0; index < count; index += 1) {
      if (deleteOne(map, slot(keys, map.info.keySize, index))) deleted += 1;
    }
    return deleted;
  });
}

export function mapLookup(args: { path: string; key: Uint8Array }): Uint8Array | undefined {
  return withMap(args.path, (map) => {
    requireSize(map, { what: 'key', bytes: args.key, each: map.info.keySize, count: 1 });
    const value = Buffer.alloc(map.valueBytes);
    return lookupOne(map, { key: args.key, value }) ? value : undefined;
  });
}

export function mapDump(args: { path: string }): MapEntries {
  return withMap(args.path, (map) => dumpByBatch(map) ?? dumpByKey(map));
}

/** Counts the entries in this process: a full flow table is 3 MB, too much to send to the agent for a number. */
export function mapCount(args: { path: string }): number {
  return withMap(args.path, (map) => {
    let count = 0;
    const counted = visitChunks(map, (chunk) => {
      count += chunk.count;
    });
    return counted ? count : dumpByKey(map).count;
  });
}

function withMap<T>(path: string, work: (map: OpenMap) => T): T {
  return withPinned(path, (fd) => {
    const info = parseInfo(objectInfo(fd, { what: path, size: INFO_SIZE }));
    const perCpu = PER_CPU_TYPES.has(info.type);
    const valueBytes = perCpu ? ((info.valueSize + 7) & ~7) * possibleCpus() : info.valueSize;
    return work({ fd, path, info, valueBytes });
  });
}

function parseInfo(info: Buffer): MapInfo {
  return {
    type: info.readUInt32LE(0),
    id: info.readUInt32LE(4),
    keySize: info.readUInt32LE(8),
    valueSize: info.readUInt32LE(12),
    maxEntries: info.readUInt32LE(16),
    flags: info.readUInt32LE(20),
    name: objectName(info, 24),
  };
}

/** Checks the size of a buffer: the kernel would read past a buffer that is too short. */
function requireSize(
  map: OpenMap,
  part: { what: string; bytes: Uint8Array; each: number; count: number },
): void {
  const needed = part.each * part.count;
  if (part.bytes.length === needed) return;
  throw new Error(
    `map ${map.path}: ${part.what} of ${part.count} entries must be ${needed} bytes (${part.each} each), got ${part.bytes.length}`,
  );
}

/** Runs one batch of updates. Returns the number of entries done; 0 if the map type has no batch operations. */
function runBatch(
  map: OpenMap,
  batch: { command: number; keys: Uint8Array; values: Uint8Array; count: number; flags: number },
): number {
  const attr = batchAttr(map, batch);
  attr.u64(40, batch.flags);
  try {
    attr.run(`update ${map.path}`, batch.command);
    return batch.count;
  } catch (error) {
    if (!(error instanceof SyscallError) || !NO_BATCH.has(error.code)) throw error;
    return 0;
  }
}

function batchAttr(map: OpenMap, batch: { keys: Uint8Array; values: Uint8Array; count: number }): BpfAttr {
  const attr = new BpfAttr();
  attr.pointer(16, batch.keys);
  attr.pointer(24, batch.values);
  attr.u32(32, batch.count);
  attr.u32(36, map.fd);
  return attr;
}

function updateOne(map: OpenMap, entry: { entries: MapEntries; index: number; flags: number }): void {
  const attr = new BpfAttr();
  const { keys, values } = entry.entries;
  attr.u32(0, map.fd);
  attr.pointer(8, slot(keys, map.info.keySize, entry.index));
  attr.pointer(16, slot(values, map.valueBytes, entry.index));
  attr.u64(24, entry.flags);
  attr.run(`update ${map.path}`, BPF.mapUpdate);
}

function deleteOne(map: OpenMap, key: Uint8Array): boolean {
  const attr = new BpfAttr();
  attr.u32(0, map.fd);
  attr.pointer(8, key);
  return unlessMissing(() => attr.run(`delete from ${map.path}`, BPF.mapDelete));
}

function lookupOne(map: OpenMap, entry: { key: Uint8Array; value: Uint8Array }): boolean {
  const attr = new BpfAttr();
  attr.u32(0, map.fd);
  attr.pointer(8, entry.key);
  attr.pointer(16, entry.value);
  return unlessMissing(() => attr.run(`look up in ${map.path}`, BPF.mapLookup));
}

/** The entries of a map that one system call returns. */
interface Chunk {
  readonly keys: Buffer;
  readonly values: Buffer;
  readonly count: number;
}

/** Reads the map in chunks; returns undefined if the map type has no batch operations. */
function dumpByBatch(map: OpenMap): MapEntries | undefined {
  const chunks: Chunk[] = [];
  if (!visitChunks(map, (chunk) => chunks.push(chunk))) return undefined;
  return {
    keys: Buffer.concat(chunks.map(({ keys }) => keys)),
    values: Buffer.concat(chunks.map(({ values }) => values)),
    count: chunks.reduce((sum, chunk) => sum + chunk.count, 0),
  };
}

/** Reads the map by batches. Returns false if the map type has no batch operations. */
function visitChunks(map: OpenMap, visit: (chunk: Chunk) => void): boolean {
  let size = Math.min(map.info.maxEntries, 4096);
  // The kernel defines the position: it is a bucket number or a key.
  let position: Buffer | undefined;
  let unclear = 0;
  for (;;) {
    const next = Buffer.alloc(Math.max(map.info.keySize, 8));
    const into = {
      keys: Buffer.alloc(size * map.info.keySize),
      values: Buffer.alloc(size * map.valueBytes),
      count: size,
    };
    const attr = batchAttr(map, into);
    if (position !== undefined) attr.pointer(0, position);
    attr.pointer(8, next);
    const outcome = tryLookupBatch(map, attr);
    if (outcome === 'unsupported') return false;
    if (outcome === 'chunkTooSmall') size *= 2;
    if (outcome === 'unclear') unclear += 1;
    if (unclear > MOST_UNCLEAR) throw new Error(`dump ${map.path}: the kernel's answer was lost`);
    if (outcome === 'chunkTooSmall' || outcome === 'unclear') continue;
    const count = attr.readU32(32);
    visit({
      keys: into.keys.subarray(0, count * map.info.keySize),
      values: into.values.subarray(0, count * map.valueBytes),
      count,
    });
    if (outcome === 'end') return true;
    position = next;
  }
}

/** How often a chunk is read again because its errno was lost. */
const MOST_UNCLEAR = 8;

/**
 * `unclear`: errno is of another call. Node may make one of its own on this thread (a futex(2) of its garbage collector) between
 * the system call and the reading of errno, and leave EAGAIN, which the kernel never gives here. So ENOENT was seen as EAGAIN.
 */
function tryLookupBatch(
  map: OpenMap,
  attr: BpfAttr,
): 'more' | 'end' | 'chunkTooSmall' | 'unsupported' | 'unclear' {
  try {
    attr.run(`dump ${map.path}`, BPF.mapLookupBatch);
    return 'more';
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    if (error.code === 'ENOENT') return 'end';
    if (error.code === 'ENOSPC') return 'chunkTooSmall';
    if (error.code === 'EAGAIN') return 'unclear';
    if (NO_BATCH.has(error.code)) return 'unsupported';
    throw error;
  }
}

function dumpByKey(map: OpenMap): MapEntries {
  const keys: Buffer[] = [];
  const values: Buffer[] = [];
  let key: Buffer | undefined;
  for (;;) {
    const next = nextKey(map, key);
    if (next === undefined) {
      return { keys: Buffer.concat(keys), values: Buffer.concat(values), count: keys.length };
    }
    const value = Buffer.alloc(map.valueBytes);
    if (lookupOne(map, { key: next, value })) {
      keys.push(next);
      values.push(value);
    }
    key = next;
  }
}

function nextKey(map: OpenMap, key: Buffer | undefined): Buffer | undefined {
  const next = Buffer.alloc(map.info.keySize);
  const attr = new BpfAttr();
  attr.u32(0, map.fd);
  if (key !== undefined) attr.pointer(8, key);
  attr.pointer(16, next);
  return unlessMissing(() => attr.run(`walk ${map.path}`, BPF.mapNextKey)) ? next : undefined;
}

function unlessMissing(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ENOENT') return false;
    throw error;
  }
}

function slot(bytes: Uint8Array, size: number, index: number): Uint8Array {
  return bytes.subarray(index * size, (index + 1) * size);
}
