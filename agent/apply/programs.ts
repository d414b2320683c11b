// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { dropReasons } from '../../api/context/generated/context.ts';
import { type BpfMapName, bpfMaps, FLOW_ENTRIES, layoutHash } from '../render/generated/layout.ts';

const PROGRAMS = [
  'pod_ingress',
  'fn_ingress',
  'fn_egress',
  'vxlan_ingress',
  'underlay_ingress',
  'probe_ingress',
] as const;
const ALL_MAPS = Object.keys(bpfMaps) as BpfMapName[];
/**
 * Maps that packets fill. Another release takes over those whose bytes have the same meaning in it, so flows keep their
 * instances. Maps that the agent fills are made anew, while the old programs still read the old ones.
 */
const STATE_MAPS: readonly BpfMapName[] = [
  'flows',
  'ends',
  'sources',
  'moves',
  'fragments',
  'spilled_flows',
  'spilled_ends',
  'spilled_sources',
  'spilled_fragments',
  'budgets',
  'spills',
  'drops',
  'events',
  'port_rx',
  'port_tx',
  'hop_traffic',
  'hop_drops',
  'probes',
  'peers',
];

/** The maps whose size the user sets. */
const SIZED_MAPS = ['flows', 'spilled_flows'] as const;

export interface ProgramOptions {
  readonly objectFile: string;
  /** A directory on a bpffs: `/sys/fs/bpf/heddle`. */
  readonly root: string;
  /** Entries of the maps `flows` and `spilled_flows`. The default is enough for a node of 100 instances with 600 flows each. */
  readonly flowEntries?: number;
}

/** Loads this release's programs and maps, if they are not there; directories are named by what they hold. */
export async function ensurePrograms(
  options: ProgramOptions,
): Promise<{ progsDir: string; mapsDir: string }> {
  const { objectFile, root, flowEntries = FLOW_ENTRIES } = options;
  const object = await readFile(objectFile);
  const release = createHash('sha256').update(object).update(String(flowEntries)).digest('hex').slice(0, 12);
  const progsDir = join(root, `progs-${release}`);
  const mapsDir = join(root, `maps-${layoutHash}-${flowEntries}`);
  const hasMaps = await holds(mapsDir, ALL_MAPS);
  if (hasMaps && (await holds(progsDir, PROGRAMS))) return { progsDir, mapsDir };
  // An interrupted load may have left some pins; nothing refers to them.
  await rm(progsDir, { recursive: true, force: true });
  if (hasMaps) await load({ objectFile, progsDir, reuse: pinsOf(mapsDir) });
  else await loadWithMaps({ objectFile, progsDir, mapsDir, root, flowEntries });
  return { progsDir, mapsDir };
}

function pinsOf(mapsDir: string): ReadonlyMap<BpfMapName, string> {
  return new Map(ALL_MAPS.map((name) => [name, join(mapsDir, name)]));
}

async function loadWithMaps(options: {
  readonly objectFile: string;
  readonly progsDir: string;
  readonly mapsDir: string;
  readonly root: string;
  readonly flowEntries: number;
}): Promise<void> {
  const { objectFile, progsDir, mapsDir, root, flowEntries } = options;
  await rm(mapsDir, { recursive: true, force: true });
  const state = await findState(root, flowEntries);
  const sized = new Map(SIZED_MAPS.map((name) => [name, join(root, `${name}-new`)]));
  for (const [name, path] of sized) {
    await rm(path, { force: true });
    if (!state.has(name)) await createSized(name, path, flowEntries);
  }
  await load({ objectFile, progsDir, mapsDir, reuse: new Map([...sized, ...state]) });
  for (const path of sized.values()) await rm(path, { force: true });
  // The marks are directories, since a bpffs cannot hold regular files.
  for (const mark of STATE_MAPS.flatMap(marksOf)) {
    await mkdir(join(mapsDir, LAYOUTS, mark), { recursive: true });
  }
}

const LAYOUTS = 'layouts';

/**
 * A name for the meaning of a map's bytes. Two releases with the same mark of a map share the map. The mark of the drop
 * counters includes their number, since the map must have room for all of them.
 */
function layoutMark(name: BpfMapName): string {
  const mark = `${name}-${bpfMaps[name].layout}`;
  return name === 'drops' ? `${mark}-${dropReasons.length}` : mark;
}

/**
 * Other marks for the same bytes with other field names, by the marks of this release: so an upgrade and a rollback take over
 * the map. Of `flows`, that of release 0.1.0 and one between; both have no `checked_at`, so each flow is checked once more.
 */
const FORMER_MARKS: Readonly<Record<string, readonly string[]>> = {
  'flows-f0c7e48f': ['flows-a0e59485', 'flows-60b80656'],
};

function marksOf(name: BpfMapName): readonly string[] {
  const mark = layoutMark(name);
  return [mark, ...(FORMER_MARKS[mark] ?? [])];
}

/** The pins of the maps of other releases that this release takes over, by name of the map. */
async function findState(root: string, flowEntries: number): Promise<ReadonlyMap<BpfMapName, string>> {
  const found = new Map<BpfMapName, string>();
  for (const directory of (await readdir(root)).filter((name) => name.startsWith('maps-'))) {
    const marks = new Set(await readdir(join(root, directory, LAYOUTS)).catch(() => []));
    for (const name of STATE_MAPS) {
      const fits = !SIZED_MAPS.some((each) => each === name) || directory.endsWith(`-${flowEntries}`);
      if (fits && marksOf(name).some((mark) => marks.has(mark))) found.set(name, join(root, directory, name));
    }
  }
  return found;
}

/** Creates a map with the size that the user has set; its type and flags are those of agent/bpf/maps.h. */
async function createSized(name: (typeof SIZED_MAPS)[number], path: string, entries: number): Promise<void> {
  const { keySize, valueSize } = bpfMaps[name];
  const sizes = ['key', String(keySize), 'value', String(valueSize), 'entries', String(entries)];
  await execa('bpftool', ['map', 'create', path, 'type', 'lru_hash', ...sizes, 'name', name]);
}

/** Loads all programs; maps that are not reused are made, and with `mapsDir` all are pinned there. */
async function load(options: {
  readonly objectFile: string;
  readonly progsDir: string;
  readonly mapsDir?: string;
  readonly reuse: ReadonlyMap<BpfMapName, string>;
}): Promise<void> {
  const { objectFile, progsDir, mapsDir, reuse } = options;
  const reused = [...reuse].flatMap(([name, pin]) => ['map', 'name', name, 'pinned', pin]);
  const pins = mapsDir === undefined ? [] : ['pinmaps', mapsDir];
  await execa('bpftool', ['prog', 'loadall', objectFile, progsDir, 'type', 'classifier', ...reused, ...pins]);
}

async function holds(directory: string, names: readonly string[]): Promise<boolean> {
  const found = new Set(await readdir(directory).catch(() => []));
  return names.every((name) => found.has(name));
}
