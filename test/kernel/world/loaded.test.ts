// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { possibleCpus } from '../../../agent/kernel/child/bpf.ts';
import { mapDump, mapInfo, mapUpdate } from '../../../agent/kernel/child/map.ts';
import { loadPrograms } from '../../packets/test-run.ts';
import { type BpfFolder, leaveLoaded, makeBpfFolder, takeLoaded } from './loaded.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const OWNER = 'the-test-of-it';
/** BPF_MAP_TYPE_LPM_TRIE: its keys begin with a length of the prefix. */
const TRIE = 11;

let bpffs: BpfFolder;
beforeAll(async () => {
  bpffs = await makeBpfFolder();
});
afterAll(() => bpffs?.remove());

/** Each map with all bytes that it holds. */
async function contentOf(folder: string) {
  const directory = join(folder, 'maps');
  const names = (await readdir(directory)).sort();
  return names.map((name) => {
    const { keys, values } = mapDump({ path: join(directory, name) });
    return { name, keys: Buffer.from(keys).toString('hex'), values: Buffer.from(values).toString('hex') };
  });
}

/** One entry, no byte of which is 0, but for what says how long a prefix is or which element of an array. */
function fill(path: string): void {
  const { keySize, type } = mapInfo({ path });
  const before = mapDump({ path });
  const isArray = before.count > 0;
  const keys = isArray ? before.keys.slice(0, keySize) : new Uint8Array(keySize).fill(0x5a);
  if (type === TRIE) new DataView(keys.buffer).setUint32(0, (keySize - 4) * 8, true);
  const bytes = isArray ? before.values.length / before.count : valueBytes(path);
  mapUpdate({ path, entries: { keys, values: new Uint8Array(bytes).fill(0x5a), count: 1 } });
}

/** Of one entry as the kernel takes it: for each processor where the map is per processor. */
function valueBytes(path: string): number {
  const { type, valueSize } = mapInfo({ path });
  const isPerCpu = type === 5 || type === 10;
  return isPerCpu ? Math.ceil(valueSize / 8) * 8 * possibleCpus() : valueSize;
}

test('programs that are taken over are the same ones, and their maps are as after a load', async () => {
  const first = join(bpffs.path, 'first');
  await loadPrograms(objectFile, first);
  const fresh = await contentOf(first);
  for (const { name } of fresh) fill(join(first, 'maps', name));
  const filled = await contentOf(first);
  for (const [at, each] of filled.entries()) expect(each, each.name).not.toEqual(fresh[at]);
  await leaveLoaded(OWNER, objectFile, first);
  await expect(stat(first)).rejects.toThrow('ENOENT');
  const second = join(bpffs.path, 'second');
  expect(await takeLoaded(OWNER, objectFile, second)).toBe(true);
  expect(await contentOf(second)).toEqual(fresh);
  expect(await takeLoaded(OWNER, objectFile, join(bpffs.path, 'third'))).toBe(false);
});
