// SPDX-License-Identifier: Apache-2.0
import { type RangeSet, rangesMeet } from '../../api/net/range-set.ts';
import { type Interval, IntervalIndex } from './interval-index.ts';
import type { AddressMatch, Match } from './match.ts';

/**
 * Gives each match the lowest level that is above the levels of all earlier matches that a packet could meet as well.
 * Matches of one level therefore share no packet, and the matches that one packet meets rise in level in their order.
 * So one lookup a level, lowest level first, finds them in order: the cost of rules depends on how much they overlap,
 * not on their number.
 */
export function assignLevels(matches: readonly Match[]): readonly number[] {
  const boxes = matches.map(boxOf);
  const indexes = indexByNarrowest(boxes);
  const levels: number[] = [];
  matches.forEach((match, i) => {
    let level = 0;
    const consider = (j: number): void => {
      if (j >= i || levels[j]! < level || !boxesMeet(boxes[i]!, boxes[j]!)) return;
      if (matchesMeet(match, matches[j]!)) level = levels[j]! + 1;
    };
    indexes.forEach((index, side) => {
      index.forEachMeeting(boxes[i]![side]!.first, boxes[i]![side]!.last, consider);
    });
    levels.push(level);
  });
  return levels;
}

/** Whether some packet can meet both matches. The content of sets is not considered: it may be anything. */
export function matchesMeet(a: Match, b: Match): boolean {
  return (
    a.family === b.family &&
    (a.protocol === undefined || b.protocol === undefined || a.protocol === b.protocol) &&
    addressesMeet(a.source, b.source) &&
    addressesMeet(a.destination, b.destination) &&
    numbersMeet(a.sourcePorts, b.sourcePorts) &&
    numbersMeet(a.destinationPorts, b.destinationPorts) &&
    numbersMeet(a.icmpTypes, b.icmpTypes)
  );
}

function addressesMeet(a: AddressMatch, b: AddressMatch): boolean {
  return a.kind !== 'Ranges' || b.kind !== 'Ranges' || rangesMeet(a.ranges, b.ranges);
}

function numbersMeet(a: RangeSet | undefined, b: RangeSet | undefined): boolean {
  return !a || !b || rangesMeet(a, b);
}

// The smallest box around each match, as plain numbers: nearly all of the fifty million pairs of ten thousand
// rules differ in the box, most of them in its narrowest side. IPv6 addresses keep their top bits only, which
// makes boxes larger, never smaller.
type Box = readonly Side[];

interface Side {
  readonly first: number;
  readonly last: number;
}

const WIDEST: Readonly<Record<Match['family'], readonly number[]>> = {
  4: [2 ** 8, 2 ** 32, 2 ** 32, 2 ** 16, 2 ** 16],
  6: [2 ** 8, 2 ** 52, 2 ** 52, 2 ** 16, 2 ** 16],
};
const TOP_BITS_OF_V6 = 76n;

function boxOf(match: Match): Box {
  const widest = WIDEST[match.family].map((size) => ({ first: 0, last: size - 1 }));
  const sides = [
    match.protocol === undefined ? undefined : { first: match.protocol, last: match.protocol },
    addressSide(match.source),
    addressSide(match.destination),
    numberSide(match.sourcePorts),
    numberSide(match.destinationPorts ?? match.icmpTypes),
  ];
  return sides.map((side, i) => side ?? widest[i]!);
}

function addressSide(match: AddressMatch): Side | undefined {
  const first = match.kind === 'Ranges' ? match.ranges[0] : undefined;
  const last = match.kind === 'Ranges' ? match.ranges.at(-1) : undefined;
  if (!first || !last) return undefined;
  const shift = first.family === 6 ? TOP_BITS_OF_V6 : 0n;
  return { first: Number(first.first >> shift), last: Number(last.last >> shift) };
}

function numberSide(ranges: RangeSet | undefined): Side | undefined {
  return ranges && { first: Number(ranges[0]!.first), last: Number(ranges.at(-1)!.last) };
}

function boxesMeet(a: Box, b: Box): boolean {
  for (let i = 0; i < a.length; i += 1) {
    if (a[i]!.first > b[i]!.last || b[i]!.first > a[i]!.last) return false;
  }
  return true;
}

/** An index for each side. A box is in the index of its narrowest side, where it meets the fewest others. */
function indexByNarrowest(boxes: readonly Box[]): readonly IntervalIndex[] {
  const sides = WIDEST[4].map((): Interval[] => []);
  boxes.forEach((box, id) => {
    const widths = box.map(({ first, last }, side) => (last - first + 1) / WIDEST[4][side]!);
    const narrowest = widths.indexOf(Math.min(...widths));
    sides[narrowest]!.push({ ...box[narrowest]!, id });
  });
  return sides.map((intervals) => new IntervalIndex(intervals));
}
