// SPDX-License-Identifier: Apache-2.0
import { type Address, formatAddress } from '../../api/net/address.ts';
import { type AddressRange, parseRange } from '../../api/net/range.ts';
import { findRange, mergeRanges, type RangeSet } from '../../api/net/range-set.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import type { AddressAtom, AddressMatch } from './match.ts';

interface Where {
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Id of the path that the packet is on: the pods of a selector depend on it. */
  readonly path: number;
}

/** Pure: whether an address meets what a rule requires. */
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
    case 'Pods':
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

// A cache: a set never changes, so a list of 100,000 ranges is parsed once, for the first question.
const known = new WeakMap<NamedSet, RangeSet<AddressRange>>();

function rangesOf(set: NamedSet): RangeSet<AddressRange> {
  const ranges = known.get(set) ?? mergeRanges([...(set.elements?.keys() ?? [])].map(parseRange));
  known.set(set, ranges);
  return ranges;
}

/** All ranges of a set are of one family. */
function isWithin(ranges: RangeSet<AddressRange>, { family, value }: Address): boolean {
  return ranges[0]?.family === family && findRange(ranges, value) !== undefined;
}
