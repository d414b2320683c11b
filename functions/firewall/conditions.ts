// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import { formatRange, type Range } from '../../api/net/range.ts';
import { PATH_ID } from '../shared/nft/context.ts';
import type { AddressAtom, AddressMatch, Match } from './match.ts';

/**
 * The conditions of a match, for rules. There is more than one when an address may be in one of several sets.
 * `exclusive`: a packet meets at most one of them, because it may return from the first and must not match a second
 * time.
 */
export function renderConditions(match: Match, exclusive: boolean): readonly string[] {
  const tail = renderRest(match);
  const alternatives = (side: Side, address: AddressMatch): readonly (readonly string[])[] =>
    renderAlternatives(side, address, { family: match.family, exclusive });
  return alternatives('saddr', match.source).flatMap((source) =>
    alternatives('daddr', match.destination).map((destination) =>
      [...source, ...destination, ...tail].join(' '),
    ),
  );
}

type Side = 'saddr' | 'daddr';

function renderAlternatives(
  side: Side,
  address: AddressMatch,
  { family, exclusive }: { readonly family: Family; readonly exclusive: boolean },
): readonly (readonly string[])[] {
  const say = (atom: AddressAtom, not: boolean): string => renderAtom(side, atom, { family, not });
  switch (address.kind) {
    case 'Any':
      return [[]];
    case 'Ranges':
      return [[say(address, false)]];
    case 'Opaque':
      if (address.not) return [address.atoms.map((atom) => say(atom, true))];
      return address.atoms.map((atom, i) => [
        ...address.atoms.slice(0, exclusive ? i : 0).map((earlier) => say(earlier, true)),
        say(atom, false),
      ]);
  }
}

function renderAtom(
  side: Side,
  atom: AddressAtom,
  context: { readonly family: Family; readonly not: boolean },
): string {
  const address = `${context.family === 4 ? 'ip' : 'ip6'} ${side}`;
  const equals = context.not ? ' !=' : '';
  switch (atom.kind) {
    case 'Ranges':
      return `${address}${equals} ${oneOrSet(atom.ranges.map(formatRange))}`;
    case 'Set':
      return `${address}${equals} @${atom.set}`;
    case 'Pods':
      return `${PATH_ID} . ${address}${equals} @${atom.set}`;
  }
}

function renderRest(match: Match): readonly string[] {
  const icmp = match.family === 4 ? 'icmp' : 'icmpv6';
  return [
    ...(match.protocol !== undefined && !match.icmpTypes ? [`meta l4proto ${match.protocol}`] : []),
    ...(match.sourcePorts ? [`th sport ${renderNumbers(match.sourcePorts)}`] : []),
    ...(match.destinationPorts ? [`th dport ${renderNumbers(match.destinationPorts)}`] : []),
    ...(match.icmpTypes ? [`${icmp} type ${renderNumbers(match.icmpTypes)}`] : []),
  ];
}

function renderNumbers(ranges: readonly Range[]): string {
  return oneOrSet(ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)));
}

function oneOrSet(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `{ ${texts.join(', ')} }`;
}
