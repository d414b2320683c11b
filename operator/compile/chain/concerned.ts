// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../../api/net/address.ts';
import { mappedRange } from '../../../api/net/mapped.ts';
import { parsePrefix } from '../../../api/net/prefix.ts';
import { hostRange, type Range, rangeOf } from '../../../api/net/range.ts';
import {
  findRange,
  mergeRanges,
  type RangeSet,
  rangesMeet,
  subtractRanges,
} from '../../../api/net/range-set.ts';
import type { Member } from './classifier.ts';
import type { End } from './types.ts';

/** The pods whose Ports get a classifier of a chain: those that are in one of its ends. */
export function concernedMembers(ends: readonly End[], members: readonly Member[]): readonly Member[] {
  if (ends.some((end) => end.any)) return members;
  const [first] = ends;
  const before = first && answers.get(first);
  if (before?.members === members && ends.every((end, index) => end === before.ends[index])) {
    return before.concerned;
  }
  const concerned = findConcerned(ends, members);
  if (first) answers.set(first, { ends, members, concerned });
  return concerned;
}

/** Cache of results, with the first end as key. The same ends and members give the same result. */
const answers = new WeakMap<
  End,
  {
    readonly ends: readonly End[];
    readonly members: readonly Member[];
    readonly concerned: readonly Member[];
  }
>();

function findConcerned(ends: readonly End[], members: readonly Member[]): readonly Member[] {
  const addresses = new Set(ends.flatMap((end) => end.addresses));
  const blocks = mergeRanges(ends.flatMap(blockRangesOf));
  return members.filter(
    (member) =>
      member.addresses.some((address) => addresses.has(address) || isIn(blocks, address)) ||
      member.prefixes.some((cidr) => touches(blocks, cidr)),
  );
}

/** An address as a range of numbers that both families share (`api/net/mapped.ts`). */
export function addressRange(text: string): Range {
  return mappedRange(hostRange(parseAddress(text)));
}

/** All addresses of a prefix as a range of numbers that both families share. */
function prefixRange(text: string): Range {
  return mappedRange(rangeOf(parsePrefix(text)));
}

/** The addresses of an end's blocks, exceptions left out. */
export function blockRangesOf(end: End): readonly Range[] {
  return end.cidrs.flatMap((block) =>
    subtractRanges(prefixRange(block.cidr), (block.except ?? []).map(prefixRange)),
  );
}

function isIn(blocks: RangeSet, address: string): boolean {
  return blocks.length > 0 && findRange(blocks, addressRange(address).first) !== undefined;
}

function touches(blocks: RangeSet, cidr: string): boolean {
  return rangesMeet(blocks, [prefixRange(cidr)]);
}
