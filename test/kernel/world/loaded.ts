// SPDX-License-Identifier: Apache-2.0
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { mapDelete, mapDump, mapInfo, mapUpdate } from '../../../agent/kernel/child/map.ts';

/**
 * Reuse of loaded programs. The kernel's verifier needs two seconds for the data path's programs. So a bench or a node
 * of a world that ends leaves its programs and maps to the next one, in a folder of the run's own BPF file system
 * (`run.ts`). The next owner gets empty maps, as after a load.
 */

/** A folder on a BPF file system: that of the run or, outside of vitest, a separate one. */
export interface BpfFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function makeBpfFolder(): Promise<BpfFolder> {
  const run = bpffsOfRun();
  const path = await mkdtemp(join(run ?? tmpdir(), 'heddle-bpf-'));
  if (run === undefined) await execa('mount', ['-t', 'bpf', 'bpf', path]);
  return {
    path,
    remove: async () => {
      if (run === undefined) await execa('umount', [path], { reject: false });
      await rm(path, { recursive: true, force: true });
    },
  };
}

function bpffsOfRun(): string | undefined {
  return process.env.HEDDLE_TEST_BPFFS;
}

/** BPF_MAP_TYPE_ARRAY and BPF_MAP_TYPE_PERCPU_ARRAY: their entries cannot be deleted. */
const ARRAYS: ReadonlySet<number> = new Set([2, 6]);

/**
 * Moves the programs and maps of an earlier owner of this kind to `folder`, which must not exist; returns whether there
 * were any. Each kind has its own layout of the folder.
 */
export async function takeLoaded(owner: string, objectFile: string, folder: string): Promise<boolean> {
  const shelf = await shelfOf(owner, objectFile);
  if (shelf === undefined) return false;
  for (const name of await readdir(shelf).catch(() => [])) {
    try {
      await rename(join(shelf, name), folder);
    } catch {
      continue; // Another process took it.
    }
    for (const maps of (await readdir(folder)).filter((each) => each.startsWith('maps'))) {
      await emptyMaps(join(folder, maps));
    }
    return true;
  }
  return false;
}

/** Leaves the programs and maps of this object in `folder` for the next owner, and removes everything else. */
export async function leaveLoaded(owner: string, objectFile: string, folder: string): Promise<void> {
  const shelf = await shelfOf(owner, objectFile);
  if (shelf === undefined) return;
  const names = await readdir(folder).catch(() => []);
  const kept = names.filter((name) => /^(progs|maps)/.test(name));
  for (const name of names.filter((each) => !kept.includes(each))) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
  // Programs of two releases, or none, were loaded.
  if (kept.length !== 2) return;
  await mkdir(shelf, { recursive: true });
  await rename(folder, join(shelf, randomUUID()));
}

async function shelfOf(owner: string, objectFile: string): Promise<string | undefined> {
  const run = bpffsOfRun();
  if (run === undefined) return undefined;
  const hash = createHash('sha256')
    .update(await readFile(objectFile))
    .digest('hex');
  return join(run, `left-by-${owner}-${hash.slice(0, 12)}`);
}

async function emptyMaps(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(directory, entry.name);
    const { keys, values, count } = mapDump({ path });
    if (!ARRAYS.has(mapInfo({ path }).type)) mapDelete({ path, keys, count });
    else mapUpdate({ path, entries: { keys, values: new Uint8Array(values.length), count } });
  }
}
