import { type Address, formatAddress } from '../../api/net/address.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import type { AddressAtom, AddressMatch } from './match.ts';
import { type AddressRange, mergeRanges, parseRange } from './ranges.ts';

interface Where {
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Id of the path that the packet is on: pods of a selector differ by it. */
  readonly path: number;
}

/** Pure: whether an address is what a rule asks for. */
export function matchesAddress(match: AddressMatch, address: Address, where: Where): boolean {
  switch (match.kind) {
    case 'Any':
      return true;
    case 'Ranges':
      return isWithin(match.ranges, address);
    case 'Opaque':
      return match.atoms.some((atom) => meetsAtom(atom, address, where)) !== match.not;
  }
}

function meetsAtom(atom: AddressAtom, address: Address, { sets, path }: Where): boolean {
  switch (atom.kind) {
    case 'Ranges':
      return isWithin(atom.ranges, address);
    case 'Peers':
      return sets.get(atom.set)?.elements?.has(`${path} . ${formatAddress(address)}`) ?? false;
    case 'Set': {
      const set = sets.get(atom.set);
      if (!set) return false;
      return isInterval(set)
        ? isWithin(rangesOf(set), address)
        : (set.elements?.has(formatAddress(address)) ?? false);
    }
  }
}

function isInterval(set: NamedSet): boolean {
  return set.declaration.includes('flags interval');
}

// A list of 100,000 ranges is read once, at the first question: the set itself does not change.
const known = new WeakMap<NamedSet, readonly AddressRange[]>();

function rangesOf(set: NamedSet): readonly AddressRange[] {
  const ranges = known.get(set) ?? mergeRanges([...(set.elements?.keys() ?? [])].map(parseElement));
  known.set(set, ranges);
  return ranges;
}

/** `10.0.0.0/8`, or `10.0.0.1-10.0.0.9` where ranges were merged. */
function parseElement(text: string): AddressRange {
  const [first, last] = text.split('-').map(parseRange);
  return last ? { ...first!, last: last.last } : first!;
}

/** By halves: the ranges are sorted and do not overlap. */
function isWithin(ranges: readonly AddressRange[], { family, value }: Address): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle]!;
    if (range.family !== family) return false;
    if (value < range.first) high = middle - 1;
    else if (value > range.last) low = middle + 1;
    else return true;
  }
  return false;
}
