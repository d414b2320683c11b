// SPDX-License-Identifier: Apache-2.0
import type { FirewallEndpoint, FirewallRule } from '../../api/index.ts';
import type { Family } from '../../api/net/address.ts';
import { parseRange, type Range } from '../../api/net/range.ts';
import { complementRanges, mergeRanges } from '../../api/net/range-set.ts';
import { type AddressAtom, type AddressMatch, type Match, PROTOCOLS } from './match.ts';
import { podsSetName, setName } from './names.ts';

/** Compiles what a rule requires of packets of one family; undefined when no packet can match. */
export function compileMatch(rule: FirewallRule, family: Family): Match | undefined {
  if (rule.protocol === 'ICMP' && family === 6) return undefined;
  if (rule.protocol === 'ICMPv6' && family === 4) return undefined;
  return {
    family,
    protocol: rule.protocol && PROTOCOLS[rule.protocol],
    source: compileAddress(rule.source, family),
    destination: compileAddress(rule.destination, family),
    sourcePorts: rule.sourcePorts && mergeRanges(rule.sourcePorts.map(parsePorts)),
    destinationPorts: rule.destinationPorts && mergeRanges(rule.destinationPorts.map(parsePorts)),
    icmpTypes:
      rule.icmpTypes &&
      mergeRanges(rule.icmpTypes.map((type) => ({ first: BigInt(type), last: BigInt(type) }))),
  };
}

function compileAddress(endpoint: FirewallEndpoint | undefined, family: Family): AddressMatch {
  if (!endpoint) return { kind: 'Any' };
  const not = endpoint.not === true;
  const ranges = mergeRanges(
    (endpoint.cidrs ?? []).map(parseRange).filter((range) => range.family === family),
  );
  const atoms: AddressAtom[] = [];
  if (ranges.length > 0) atoms.push({ kind: 'Ranges', ranges });
  for (const part of endpoint.set === undefined ? [] : (['hosts', 'ranges'] as const)) {
    atoms.push({ kind: 'Set', set: setName(endpoint.set!, family, part) });
  }
  if (endpoint.podSelector) atoms.push({ kind: 'Pods', set: podsSetName(endpoint, family) });
  if (atoms.every((atom) => atom.kind === 'Ranges')) {
    return wholeFamily({ kind: 'Ranges', ranges: not ? complementRanges(family, ranges) : ranges }, family);
  }
  return { kind: 'Opaque', atoms, not };
}

/** Replaces ranges that cover the whole family, such as 0.0.0.0/0, by no condition. */
function wholeFamily(match: Extract<AddressMatch, { kind: 'Ranges' }>, family: Family): AddressMatch {
  return match.ranges.length === 1 && complementRanges(family, match.ranges).length === 0
    ? { kind: 'Any' }
    : match;
}

/** Parses ports: 80, "80" or "8000-8010". The schema has refused everything else. */
function parsePorts(port: number | string): Range {
  const [first, last] = String(port).split('-').map(BigInt);
  return { first: first!, last: last ?? first! };
}
