// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { AddressRange } from '../../api/net/range.ts';
import type { RangeSet } from '../../api/net/range-set.ts';

/** One condition on an address. */
export type AddressAtom =
  | { readonly kind: 'Ranges'; readonly ranges: RangeSet<AddressRange> }
  | { readonly kind: 'Set'; readonly set: string }
  /** The pods of a selector, on the path that the packet is on. */
  | { readonly kind: 'Pods'; readonly set: string };

/** What a rule requires of one address of a packet, for one family. */
export type AddressMatch =
  | { readonly kind: 'Any' }
  /** The address is in one of these ranges; `not` is already applied. Without a range nothing matches. */
  | { readonly kind: 'Ranges'; readonly ranges: RangeSet<AddressRange> }
  /** The address is in one of the atoms (with `not`: in none). The content of sets changes without the rule. */
  | { readonly kind: 'Opaque'; readonly atoms: readonly AddressAtom[]; readonly not: boolean };

/** Everything that a rule requires of a packet, for one family. */
export interface Match {
  readonly family: Family;
  /** Number of the protocol; undefined matches any. */
  readonly protocol: number | undefined;
  readonly source: AddressMatch;
  readonly destination: AddressMatch;
  readonly sourcePorts: RangeSet | undefined;
  readonly destinationPorts: RangeSet | undefined;
  readonly icmpTypes: RangeSet | undefined;
}

export const PROTOCOLS = { ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, SCTP: 132 } as const;

/** Whether no packet of the family can match. */
export function isEmpty(match: Match): boolean {
  return [match.source, match.destination].some((side) => side.kind === 'Ranges' && side.ranges.length === 0);
}
