import type { AddressAtom, AddressMatch, Match, NumberRange } from './match.ts';
import { formatRange } from './ranges.ts';

/** The path id in a packet's mark; see docs/architecture.md. */
export const PATH_ID = 'meta mark & 0xffff';

/**
 * A match as conditions of rules. More than one when an address may be in this set or in that one; a packet
 * meets at most one of them, so that it is never counted or rated twice.
 */
export function renderConditions(match: Match): readonly string[] {
  const tail = renderRest(match);
  return alternatives('saddr', match.source, match).flatMap((source) =>
    alternatives('daddr', match.destination, match).map((destination) =>
      [...source, ...destination, ...tail].join(' '),
    ),
  );
}

type Side = 'saddr' | 'daddr';

function alternatives(side: Side, address: AddressMatch, match: Match): readonly (readonly string[])[] {
  const say = (atom: AddressAtom, not: boolean): string => renderAtom(side, atom, { match, not });
  switch (address.kind) {
    case 'Any':
      return [[]];
    case 'Ranges':
      return [[say(address, false)]];
    case 'Opaque':
      if (address.not) return [address.atoms.map((atom) => say(atom, true))];
      return address.atoms.map((atom, i) => [
        ...address.atoms.slice(0, i).map((earlier) => say(earlier, true)),
        say(atom, false),
      ]);
  }
}

function renderAtom(
  side: Side,
  atom: AddressAtom,
  context: { readonly match: Match; readonly not: boolean },
): string {
  const address = `${context.match.family === 4 ? 'ip' : 'ip6'} ${side}`;
  const equals = context.not ? ' !=' : '';
  switch (atom.kind) {
    case 'Ranges':
      return `${address}${equals} ${oneOrSet(atom.ranges.map(formatRange))}`;
    case 'Set':
      return `${address}${equals} @${atom.set}`;
    case 'Peers':
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

function renderNumbers(ranges: readonly NumberRange[]): string {
  return oneOrSet(ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)));
}

function oneOrSet(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `{ ${texts.join(', ')} }`;
}
