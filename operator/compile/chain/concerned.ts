import type { Member } from './classifier.ts';
import { addressRange, cidrRange } from './numbers.ts';
import { coversRanges, mergeRanges, type RangeSet, subtractRanges } from './ranges.ts';
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

/** By the first end: the same ends and members have the same answer. */
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

/** The addresses of an end's blocks, exceptions left out. */
export function blockRangesOf(end: End): RangeSet {
  return end.cidrs.flatMap((block) =>
    subtractRanges(cidrRange(block.cidr), (block.except ?? []).map(cidrRange)),
  );
}

function isIn(blocks: RangeSet, address: string): boolean {
  return blocks.length > 0 && coversRanges(blocks, [addressRange(address)]);
}

function touches(blocks: RangeSet, cidr: string): boolean {
  const { first, last } = cidrRange(cidr);
  return blocks.some((block) => block.first <= last && block.last >= first);
}
