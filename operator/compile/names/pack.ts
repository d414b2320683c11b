// SPDX-License-Identifier: Apache-2.0

/** Most endpoints of one EndpointSlice. */
export const MOST_ENDPOINTS = 100;

/** The items of one slice, by its number. Never empty. */
export interface Packed<T> {
  readonly index: number;
  readonly items: readonly T[];
}

export interface PackOptions<T> {
  readonly wanted: readonly T[];
  /** Identity of an item: two versions of one item have one key. */
  readonly keyOf: (item: T) => string;
  readonly same: (a: T, b: T) => boolean;
  /** The slices as they are now. */
  readonly stored: readonly Packed<T>[];
  readonly most?: number;
}

interface Slice<T> {
  readonly index: number;
  readonly items: T[];
  changed: boolean;
}

/**
 * Spreads items over slices so that a change of one item rewrites one slice: each item stays in the slice that has it.
 * New items go into slices that change anyway, then into the fullest slice that has room for all of the rest, and only
 * then into a new slice. A slice that loses its last item is not in the result. Pure.
 */
export function pack<T>(options: PackOptions<T>): readonly Packed<T>[] {
  const { most = MOST_ENDPOINTS } = options;
  const { slices, fresh } = keepPlaces(options, most);
  for (const slice of slices.filter(({ changed }) => changed)) {
    slice.items.push(...fresh.splice(0, most - slice.items.length));
  }
  while (fresh.length > 0) {
    const fits = slices.filter(({ items }) => items.length > 0 && items.length + fresh.length <= most);
    const [fullest] = fits.sort((a, b) => b.items.length - a.items.length);
    const slice = fullest ?? addSlice(slices);
    slice.items.push(...fresh.splice(0, most - slice.items.length));
  }
  return slices
    .filter(({ items }) => items.length > 0)
    .sort((a, b) => a.index - b.index)
    .map(({ index, items }) => ({ index, items }));
}

/** The items that are in a slice already, each in its place, and those that are in none. */
function keepPlaces<T>(
  { wanted, keyOf, same, stored }: PackOptions<T>,
  most: number,
): { readonly slices: Slice<T>[]; readonly fresh: T[] } {
  const left = new Map(wanted.map((item) => [keyOf(item), item]));
  const slices = [...stored]
    .sort((a, b) => a.index - b.index)
    .map(({ index, items }): Slice<T> => {
      const kept: T[] = [];
      let changed = false;
      for (const item of items) {
        const now = left.get(keyOf(item));
        // An item that two slices have stays in the first one.
        if (now === undefined || kept.length >= most) {
          changed = true;
          continue;
        }
        left.delete(keyOf(item));
        if (!same(item, now)) changed = true;
        kept.push(now);
      }
      return { index, items: kept, changed };
    });
  return { slices, fresh: [...left.values()] };
}

/** A new slice with the lowest number that is free; one that lost all of its items counts. */
function addSlice<T>(slices: Slice<T>[]): Slice<T> {
  const taken = new Set(slices.map(({ index }) => index));
  let index = 0;
  while (taken.has(index)) index += 1;
  const slice: Slice<T> = { index, items: [], changed: true };
  slices.push(slice);
  return slice;
}
