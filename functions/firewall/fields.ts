// SPDX-License-Identifier: Apache-2.0
import { type Family, formatAddress } from '../../api/net/address.ts';
import { maskOf } from '../../api/net/prefix.ts';
import { type AddressRange, formatRange, prefixLengthOf, type Range } from '../../api/net/range.ts';
import type { Match } from './match.ts';

/** A part of a packet by which verdict maps are looked up. */
export type FieldName = 'proto' | 'saddr' | 'daddr' | 'sport' | 'dport' | 'type';

/** One value of a field as it stands in a map's key. */
export interface FieldValue {
  readonly text: string;
  /** The length of the prefix; undefined for a range that is not a prefix. */
  readonly prefix: number | undefined;
}

/** The values of one field that a match accepts. */
export interface Field {
  readonly name: FieldName;
  readonly values: readonly FieldValue[];
}

/**
 * The fields that a match looks at, in the order of a map's key; undefined when the match uses sets, whose content
 * cannot be copied into a map.
 */
export function fieldsOf(match: Match): readonly Field[] | undefined {
  if (match.source.kind === 'Opaque' || match.destination.kind === 'Opaque') return undefined;
  const fields: Field[] = [];
  // The expression of an ICMP type checks the protocol too.
  if (match.protocol !== undefined && !match.icmpTypes) fields.push(exact('proto', match.protocol));
  if (match.source.kind === 'Ranges') fields.push(addresses('saddr', match.source.ranges));
  if (match.destination.kind === 'Ranges') fields.push(addresses('daddr', match.destination.ranges));
  if (match.sourcePorts) fields.push(numbers('sport', match.sourcePorts));
  if (match.destinationPorts) fields.push(numbers('dport', match.destinationPorts));
  if (match.icmpTypes) fields.push(numbers('type', match.icmpTypes));
  return fields;
}

/** The number of bits of an exact value; only addresses can have shorter prefixes. */
const FULL: Readonly<Record<FieldName, Readonly<Record<Family, number>>>> = {
  proto: { 4: 8, 6: 8 },
  saddr: { 4: 32, 6: 128 },
  daddr: { 4: 32, 6: 128 },
  sport: { 4: 16, 6: 16 },
  dport: { 4: 16, 6: 16 },
  type: { 4: 8, 6: 8 },
};

export function isExact(field: FieldName, family: Family, prefix: number | undefined): boolean {
  return prefix === FULL[field][family];
}

function exact(name: FieldName, value: number): Field {
  return { name, values: [{ text: String(value), prefix: FULL[name][4] }] };
}

function addresses(name: FieldName, ranges: readonly AddressRange[]): Field {
  return {
    name,
    values: ranges.map((range) => ({ text: formatRange(range), prefix: prefixLengthOf(range) })),
  };
}

function numbers(name: FieldName, ranges: readonly Range[]): Field {
  return {
    name,
    values: ranges.map(({ first, last }) =>
      first === last
        ? { text: String(first), prefix: FULL[name][4] }
        : { text: `${first}-${last}`, prefix: undefined },
    ),
  };
}

/** How a rule reads the field from a packet. */
export function expressionOf(field: FieldName, family: Family): string {
  switch (field) {
    case 'proto':
      return 'meta l4proto';
    case 'saddr':
    case 'daddr':
      return `${family === 4 ? 'ip' : 'ip6'} ${field}`;
    case 'sport':
    case 'dport':
      return `th ${field}`;
    case 'type':
      return `${family === 4 ? 'icmp' : 'icmpv6'} type`;
  }
}

/** How a rule reads only the first bits of an address from a packet. */
export function maskedExpressionOf(field: FieldName, family: Family, prefix: number): string {
  const expression = expressionOf(field, family);
  return isExact(field, family, prefix)
    ? expression
    : `${expression} & ${formatAddress(maskOf(family, prefix))}`;
}

/** The field's type in the declaration of a map. */
export function typeOf(field: FieldName, family: Family): string {
  switch (field) {
    case 'proto':
      return 'inet_proto';
    case 'saddr':
    case 'daddr':
      return `ipv${family}_addr`;
    case 'sport':
    case 'dport':
      return 'inet_service';
    case 'type':
      return family === 4 ? 'icmp_type' : 'icmpv6_type';
  }
}
