// SPDX-License-Identifier: Apache-2.0
import type { ChainEnd } from '../../../api/index.ts';
import type { CidrBlock, End } from './types.ts';

/** Most addresses and CIDRs in one slice, all ends together. */
export const SLICE_CAPACITY = 300;

/** The entries of the ends of a chain in one slice. */
export interface SliceEnds {
  readonly from: End;
  readonly to: End;
  /** Where load balancers of the chain send; absent when the chain has none. */
  readonly behind?: End | undefined;
}

const SIDES = ['from', 'to', 'behind'] as const;

/** The ends in a stored slice, where empty lists may be absent. */
export interface StoredEnds {
  readonly from: ChainEnd;
  readonly to: ChainEnd;
  readonly behind?: ChainEnd | undefined;
}

type Entry =
  | { readonly side: keyof SliceEnds; readonly address: string }
  | { readonly side: keyof SliceEnds; readonly block: CidrBlock };

/** The keys of the entries of one slice. */
type Bin = Set<string>;

/**
 * Distributes the entries of the ends over slices so that a change rewrites few slices. An entry that a slice
 * already has stays there. New entries go first into slices that change anyway, then into slices with free room, then
 * into new slices. When there are many more slices than needed, all entries are packed again. `current` is sorted by
 * the index of the slices.
 */
export function packSlices(ends: SliceEnds, current: readonly StoredEnds[]): readonly SliceEnds[] {
  const before = packings.get(ends.from);
  const isSame =
    before?.to === ends.to &&
    before.behind === ends.behind &&
    before.current.length === current.length &&
    current.every((slice, index) => slice === before.current[index]);
  if (isSame) return before.packed;
  const packed = packAnew(ends, current);
  packings.set(ends.from, { to: ends.to, behind: ends.behind, current, packed });
  return packed;
}

/** Cache of packings, with one end as key. The same ends and stored slices give the same packing. */
const packings = new WeakMap<
  End,
  Pick<SliceEnds, 'to' | 'behind'> & {
    readonly current: readonly StoredEnds[];
    readonly packed: readonly SliceEnds[];
  }
>();

function packAnew(ends: SliceEnds, current: readonly StoredEnds[]): readonly SliceEnds[] {
  const wanted = listEntries(ends);
  const needed = Math.ceil(wanted.size / SLICE_CAPACITY);
  const kept = current.length > 2 * needed + 1 ? [] : current;

  const placed = new Set<string>();
  const bins = kept.map((slice) => keepWanted(slice, wanted, placed));
  const dirty = bins.map((bin, i) => bin.size !== countEntries(kept[i]!));
  const order = [...bins.keys()].sort((a, b) => Number(dirty[b]) - Number(dirty[a]) || a - b);
  fill({ bins, order, keys: [...wanted.keys()].filter((key) => !placed.has(key)) });

  while (bins.length > 1 && bins.at(-1)?.size === 0) bins.pop();
  if (bins.length === 0) bins.push(new Set());
  return bins.map((bin) => renderEnds(bin, wanted, ends));
}

function keepWanted(slice: StoredEnds, wanted: ReadonlyMap<string, Entry>, placed: Set<string>): Bin {
  const bin: Bin = new Set();
  for (const [key] of readEntries(slice)) {
    if (!wanted.has(key) || placed.has(key) || bin.size === SLICE_CAPACITY) continue;
    bin.add(key);
    placed.add(key);
  }
  return bin;
}

function fill(options: { bins: Bin[]; order: readonly number[]; keys: readonly string[] }): void {
  const { bins, order, keys } = options;
  let next = 0;
  for (const index of order) {
    const bin = bins[index]!;
    while (bin.size < SLICE_CAPACITY && next < keys.length) bin.add(keys[next++]!);
  }
  for (; next < keys.length; next += SLICE_CAPACITY) {
    bins.push(new Set(keys.slice(next, next + SLICE_CAPACITY)));
  }
}

/** All entries of the ends, sorted. Equal entries have the same key. */
function listEntries(ends: StoredEnds): Map<string, Entry> {
  return new Map(readEntries(ends).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function readEntries(ends: StoredEnds): [string, Entry][] {
  const entries: [string, Entry][] = [];
  for (const side of SIDES) {
    for (const address of ends[side]?.addresses ?? [])
      entries.push([`${side} ${address}`, { side, address }]);
    for (const block of ends[side]?.cidrs ?? []) {
      entries.push([`${side} ${block.cidr} ${(block.except ?? []).join()}`, { side, block }]);
    }
  }
  return entries;
}

function countEntries(ends: StoredEnds): number {
  return readEntries(ends).length;
}

function renderEnds(bin: Bin, wanted: ReadonlyMap<string, Entry>, ends: SliceEnds): SliceEnds {
  const entries = [...bin].sort().map((key) => wanted.get(key)!);
  return {
    from: renderEnd('from', entries, ends),
    to: renderEnd('to', entries, ends),
    ...(ends.behind && { behind: renderEnd('behind', entries, ends) }),
  };
}

function renderEnd(side: keyof SliceEnds, entries: readonly Entry[], ends: SliceEnds): End {
  const own = entries.filter((entry) => entry.side === side);
  return {
    any: ends[side]?.any ?? false,
    cidrs: own.flatMap((entry) => ('block' in entry ? [entry.block] : [])),
    addresses: own.flatMap((entry) => ('address' in entry ? [entry.address] : [])),
  };
}
