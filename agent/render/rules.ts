// SPDX-License-Identifier: Apache-2.0
import type { ChainPort } from '../../api/index.ts';
import type { Chain } from './chain.ts';
import type { AddressClass } from './classes.ts';
import { MAX_SEGMENTS, RULE_F_REPLY, RULES_PER_SEGMENT, type Rule, type Rules } from './generated/layout.ts';

/** IANA numbers of the protocols that a chain can name. ICMP is both ICMP and ICMPv6. */
export const PROTOCOLS: Readonly<Record<ChainPort['protocol'], readonly number[]>> = {
  TCP: [6],
  UDP: [17],
  SCTP: [132],
  ICMP: [1, 58],
};

const LAST_PORT = 65535;

/** The rules for packets from one class to another, in order of precedence. */
export interface PairRules {
  readonly rules: readonly Rule[];
  /** Paths that take this pair in both directions: for them the opener of a flow must be stored. */
  readonly ambiguous: readonly number[];
}

/**
 * The rules of a pair of classes, for each chain that names both. A rule is forward if the source is in the chain's `from`.
 * It is for replies, with ports swapped, if the source is in the chain's `to`: so a reply finds its path without state.
 */
export function renderPairRules(source: AddressClass, destination: AddressClass): PairRules {
  const rules: Rule[] = [];
  const ambiguous: number[] = [];
  const sides = new Map(destination.chains.map((entry) => [entry.chain, entry]));
  for (const { chain, from, to } of source.chains) {
    const other = sides.get(chain);
    const forward = from && other?.to === true;
    const reply = to && other?.from === true;
    if (forward) rules.push(...renderChainRules(chain, 0));
    if (reply) rules.push(...renderChainRules(chain, RULE_F_REPLY));
    if (forward && reply) ambiguous.push(chain.pathId);
    if ((forward || reply) && chain.ports.length === 0) break; // it takes everything: no later chain is asked
  }
  return { rules, ambiguous };
}

function renderChainRules(chain: Chain, flags: number): readonly Rule[] {
  const path = chain.pathId;
  if (chain.ports.length === 0) return [{ path, protocol: 0, flags, portFirst: 0, portLast: LAST_PORT }];
  return chain.ports.flatMap(({ protocol, port, endPort }) =>
    PROTOCOLS[protocol].map((number) => ({
      path,
      protocol: number,
      flags,
      portFirst: port ?? 0,
      portLast: endPort ?? port ?? LAST_PORT,
    })),
  );
}

/** Most rules that one pair of classes can have. */
export const MAX_PAIR_RULES = RULES_PER_SEGMENT * MAX_SEGMENTS;

/** Cuts a pair's rules into the segments that the map holds. */
export function renderSegments(rules: readonly Rule[]): readonly Rules[] {
  const segments: Rules[] = [];
  for (let first = 0; first < rules.length; first += RULES_PER_SEGMENT) {
    const rule = rules.slice(first, first + RULES_PER_SEGMENT);
    segments.push({ count: rule.length, more: first + RULES_PER_SEGMENT < rules.length ? 1 : 0, rule });
  }
  return segments;
}
