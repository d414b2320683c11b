import type { FirewallPeer, FirewallRule } from '../../api/index.ts';
import { type AddressAtom, type AddressMatch, type Match, type NumberRange, PROTOCOLS } from './match.ts';
import { peersSetName, setName } from './names.ts';
import { complementRanges, type Family, mergeRanges, parseRange } from './ranges.ts';

/** What a rule asks of packets of one family; undefined when none of them can match. */
export function compileMatch(rule: FirewallRule, family: Family): Match | undefined {
  if (rule.protocol === 'ICMP' && family === 6) return undefined;
  if (rule.protocol === 'ICMPv6' && family === 4) return undefined;
  return {
    family,
    protocol: rule.protocol && PROTOCOLS[rule.protocol],
    source: compileAddress(rule.source, family),
    destination: compileAddress(rule.destination, family),
    sourcePorts: rule.sourcePorts && mergeNumbers(rule.sourcePorts.map(parsePorts)),
    destinationPorts: rule.destinationPorts && mergeNumbers(rule.destinationPorts.map(parsePorts)),
    icmpTypes: rule.icmpTypes && mergeNumbers(rule.icmpTypes.map((type) => ({ first: type, last: type }))),
  };
}

function compileAddress(peer: FirewallPeer | undefined, family: Family): AddressMatch {
  if (!peer) return { kind: 'Any' };
  const not = peer.not === true;
  const ranges = mergeRanges((peer.cidrs ?? []).map(parseRange).filter((range) => range.family === family));
  const atoms: AddressAtom[] = [];
  if (ranges.length > 0) atoms.push({ kind: 'Ranges', ranges });
  for (const part of peer.set === undefined ? [] : (['hosts', 'ranges'] as const)) {
    atoms.push({ kind: 'Set', set: setName(peer.set!, family, part) });
  }
  if (peer.podSelector) atoms.push({ kind: 'Peers', set: peersSetName(peer, family) });
  if (atoms.every((atom) => atom.kind === 'Ranges')) {
    return wholeFamily({ kind: 'Ranges', ranges: not ? complementRanges(family, ranges) : ranges }, family);
  }
  return { kind: 'Opaque', atoms, not };
}

/** 0.0.0.0/0 asks nothing. */
function wholeFamily(match: Extract<AddressMatch, { kind: 'Ranges' }>, family: Family): AddressMatch {
  return match.ranges.length === 1 && complementRanges(family, match.ranges).length === 0
    ? { kind: 'Any' }
    : match;
}

/** 80, "80" or "8000-8010". The schema has refused everything else. */
export function parsePorts(port: number | string): NumberRange {
  const [first, last] = String(port).split('-').map(Number);
  return { first: first!, last: last ?? first! };
}

function mergeNumbers(ranges: readonly NumberRange[]): readonly NumberRange[] {
  const merged: NumberRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last + 1) {
      merged[merged.length - 1] = { first: previous.first, last: Math.max(previous.last, range.last) };
    } else {
      merged.push(range);
    }
  }
  return merged;
}
