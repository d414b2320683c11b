// SPDX-License-Identifier: Apache-2.0
import type { FirewallRule, FirewallSpec } from '../../api/index.ts';
import { rateOf } from '../../api/list-defaults.ts';
import { findRange, type RangeSet } from '../../api/net/range-set.ts';
import type { FirewallVerdict, RatedRule, VerdictSource } from '../../api/verdict.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import { compileMatch } from './compile-match.ts';
import { type Match, PROTOCOLS } from './match.ts';
import { matchesAddress } from './verdict-address.ts';
import type { VerdictQuestion } from './verdict-question.ts';

/** The rules in the kernel, and the sets that they name. */
export interface AppliedRules {
  readonly generation: number;
  readonly spec: FirewallSpec;
  readonly sets: ReadonlyMap<string, NamedSet>;
}

/**
 * Pure: the firewall's verdict on the first packet of a flow, and the rule that gives it. It uses the same compiled
 * matches as the ruleset, one after another. For a reply, a stateful firewall judges the flow instead.
 */
export function judge({ generation, spec, sets }: AppliedRules, question: VerdictQuestion): FirewallVerdict {
  const answers = question.reply && spec.stateful;
  const asked = answers ? opposite(question) : question;
  if (spec.stateful && !opensFlow(asked)) {
    return { generation, action: 'Drop', by: { kind: 'Invalid' }, rated: [], established: false };
  }
  const { action, by, rated } = walkRules(spec, sets, asked);
  return { generation, action, by, rated, established: answers && action === 'Accept' };
}

function walkRules(
  spec: FirewallSpec,
  sets: ReadonlyMap<string, NamedSet>,
  question: VerdictQuestion,
): {
  readonly action: FirewallRule['action'];
  readonly by: VerdictSource;
  readonly rated: readonly RatedRule[];
} {
  const rated: RatedRule[] = [];
  for (const rule of spec.rules ?? []) {
    const match = compileMatch(rule, question.source.family);
    if (!match || !meets(match, sets, question)) continue;
    if (!rule.rate) return { action: rule.action, by: { kind: 'Rule', name: rule.name }, rated };
    rated.push({ name: rule.name, action: rule.action, ...rateOf(rule.rate) });
  }
  return { action: spec.defaultAction, by: { kind: 'Default' }, rated };
}

function meets(match: Match, sets: ReadonlyMap<string, NamedSet>, question: VerdictQuestion): boolean {
  const { protocol, source, destination, sourcePort, destinationPort, icmpType, path } = question;
  return (
    (match.protocol === undefined || match.protocol === protocol) &&
    isIn(match.sourcePorts, sourcePort) &&
    isIn(match.destinationPorts, destinationPort) &&
    isIn(match.icmpTypes, icmpType) &&
    matchesAddress(match.source, source, { sets, path }) &&
    matchesAddress(match.destination, destination, { sets, path })
  );
}

function isIn(ranges: RangeSet | undefined, value: number): boolean {
  return ranges === undefined || findRange(ranges, BigInt(value)) !== undefined;
}

/** ICMP types that conntrack accepts as the first packet of a flow (nf_conntrack_proto_icmp.c, ..._icmpv6.c). */
const OPENERS: Readonly<Record<number, ReadonlySet<number>>> = {
  [PROTOCOLS.ICMP]: new Set([8, 13, 15, 17]),
  // 128 and 139 are requests; neighbour discovery and group membership are not tracked, so rules are asked.
  [PROTOCOLS.ICMPv6]: new Set([128, 139, 130, 131, 132, 133, 134, 135, 136, 143]),
};

/** Whether a packet can open a flow. A reply or an error cannot. For TCP, conntrack accepts any well-formed packet. */
function opensFlow({ protocol, icmpType }: VerdictQuestion): boolean {
  return OPENERS[protocol]?.has(icmpType) ?? true;
}

/** Reply types of echo and timestamp, and their request types; for other ICMP types the firewall knows no flow. */
const ASKED_BY: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  [PROTOCOLS.ICMP]: { 0: 8, 14: 13 },
  [PROTOCOLS.ICMPv6]: { 129: 128 },
};

/** The packet that this one answers. */
function opposite(question: VerdictQuestion): VerdictQuestion {
  return {
    ...question,
    source: question.destination,
    destination: question.source,
    sourcePort: question.destinationPort,
    destinationPort: question.sourcePort,
    icmpType: ASKED_BY[question.protocol]?.[question.icmpType] ?? question.icmpType,
  };
}
