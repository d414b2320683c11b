import type { AddressMatch, Match, NumberRange } from './match.ts';
import { rangesMeet } from './ranges.ts';

/**
 * Gives each match the lowest level that is above the levels of all earlier matches that a packet could meet
 * as well. Matches of one level therefore share no packet, and the matches that one packet meets rise in level
 * in their order. So one lookup a level, lowest level first, finds them in order: rules cost as much as they
 * overlap, not as many as they are.
 */
export function assignLevels(matches: readonly Match[]): readonly number[] {
  const hulls = buildHulls(matches);
  const levels: number[] = [];
  for (let i = 0; i < matches.length; i += 1) {
    let level = 0;
    for (let j = 0; j < i; j += 1) {
      if (levels[j]! < level || !hullsMeet(hulls, i, j)) continue;
      if (matchesMeet(matches[i]!, matches[j]!)) level = levels[j]! + 1;
    }
    levels.push(level);
  }
  return levels;
}

/** Whether some packet can meet both. What sets hold is not looked at: they may hold anything. */
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

function numbersMeet(a: readonly NumberRange[] | undefined, b: readonly NumberRange[] | undefined): boolean {
  if (!a || !b) return true;
  return a.some((x) => b.some((y) => x.first <= y.last && y.first <= x.last));
}

// The smallest box around each match, as plain numbers in one array: ten thousand rules are fifty million
// pairs, nearly all of which differ in the box. IPv6 addresses keep their top bits only, which makes boxes
// larger, never smaller.
const LIMITS = 10;

function buildHulls(matches: readonly Match[]): Float64Array {
  const hulls = new Float64Array(matches.length * LIMITS);
  matches.forEach((match, i) => {
    hulls.set(
      [
        ...(match.protocol === undefined ? ALL : [match.protocol, match.protocol]),
        ...addressHull(match.source),
        ...addressHull(match.destination),
        ...numberHull(match.sourcePorts),
        ...numberHull(match.destinationPorts ?? match.icmpTypes),
      ],
      i * LIMITS,
    );
  });
  return hulls;
}

type Limits = readonly [number, number];
const ALL: Limits = [0, Number.MAX_SAFE_INTEGER];
const TOP_BITS_OF_V6 = 76n;

function addressHull(match: AddressMatch): Limits {
  const first = match.kind === 'Ranges' ? match.ranges[0] : undefined;
  const last = match.kind === 'Ranges' ? match.ranges.at(-1) : undefined;
  if (!first || !last) return ALL;
  const shift = first.family === 6 ? TOP_BITS_OF_V6 : 0n;
  return [Number(first.first >> shift), Number(last.last >> shift)];
}

function numberHull(ranges: readonly NumberRange[] | undefined): Limits {
  return ranges ? [ranges[0]!.first, ranges.at(-1)!.last] : ALL;
}

function hullsMeet(hulls: Float64Array, i: number, j: number): boolean {
  const a = i * LIMITS;
  const b = j * LIMITS;
  for (let k = 0; k < LIMITS; k += 2) {
    if (hulls[a + k]! > hulls[b + k + 1]! || hulls[b + k]! > hulls[a + k + 1]!) return false;
  }
  return true;
}
