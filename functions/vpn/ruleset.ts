// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import { parsePrefix } from '../../api/net/prefix.ts';
import type { Chain, NamedSet, Ruleset } from '../shared/nft/ruleset.ts';
import { DEVICE, TENANT, TENANT_MARK } from './names.ts';

/** The inputs of a gateway's ruleset: which packets pass. */
export interface RulesetInput {
  /** Ranges that peers may reach. */
  readonly routes: readonly string[];
  readonly peerToPeer: boolean;
}

const OURS = `{ "${TENANT}", "${DEVICE}" }`;
const NEIGHBOURS = '{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert }';
const MEMBERSHIP = '{ mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report }';
const REFUSE = 'counter name refused reject with icmpx type admin-prohibited';

/**
 * Pure: the ruleset of a gateway. WireGuard makes sure that a peer sends from its own addresses only; these rules
 * decide where it may send to. Nothing is tracked, so a gateway that takes over has no flows to forget. The sets merge
 * ranges, and the kernel can replace such sets only whole, so a change is one transaction of the whole table.
 */
export function renderRuleset({ routes, peerToPeer }: RulesetInput): Ruleset {
  return {
    counters: ['refused'],
    sets: new Map([
      ['routes4', rangeSet('ipv4_addr', ofFamily(routes, 4))],
      ['routes6', rangeSet('ipv6_addr', ofFamily(routes, 6))],
    ]),
    chains: new Map([
      // Before routing and connection tracking. Neighbour discovery is the link's own traffic.
      chain('prerouting', 'priority -450; policy accept', [
        `iifname != ${OURS} accept`,
        `icmpv6 type ${NEIGHBOURS} accept`,
        `icmpv6 type ${MEMBERSHIP} accept`,
        `meta mark set ${TENANT_MARK} notrack`,
      ]),
      chain('input', 'priority 0; policy accept', [
        `iifname != ${OURS} accept`,
        `icmpv6 type ${NEIGHBOURS} accept`,
        `icmpv6 type ${MEMBERSHIP} accept`,
        'icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } accept',
        'icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept',
        'counter name refused drop',
      ]),
      chain('forward', 'priority 0; policy drop', [
        `meta mark & ${TENANT_MARK} == 0 drop`,
        // Both ends of a connection learn at once what fits; an end that ignores this option learns it by ICMP.
        'tcp flags syn tcp option maxseg size set rt mtu',
        `iifname "${DEVICE}" oifname "${DEVICE}" ${peerToPeer ? 'accept' : REFUSE}`,
        `iifname "${DEVICE}" oifname "${TENANT}" ip daddr @routes4 accept`,
        `iifname "${DEVICE}" oifname "${TENANT}" ip6 daddr @routes6 accept`,
        `iifname "${TENANT}" oifname "${DEVICE}" ip saddr @routes4 accept`,
        `iifname "${TENANT}" oifname "${DEVICE}" ip6 saddr @routes6 accept`,
        REFUSE,
      ]),
      // Packets that the pod itself sends, and that answer nothing, must not reach tenants.
      chain('output', 'priority 0; policy accept', [
        `oifname != ${OURS} accept`,
        `meta mark & ${TENANT_MARK} != 0 accept`,
        `icmpv6 type ${NEIGHBOURS} accept`,
        `icmpv6 type ${MEMBERSHIP} accept`,
        'drop',
      ]),
    ]),
  };
}

/** The ruleset before the first config: no packet passes. */
export const CLOSED = renderRuleset({ routes: [], peerToPeer: false });

function ofFamily(routes: readonly string[], family: Family): readonly string[] {
  return routes.filter((each) => parsePrefix(each).family === family).sort();
}

function rangeSet(type: string, ranges: readonly string[]): NamedSet {
  return {
    kind: 'set',
    declaration: [`type ${type}`, 'flags interval', 'auto-merge'],
    elements: new Map(ranges.map((range) => [range, ''])),
  };
}

function chain(hook: string, base: string, rules: readonly string[]): readonly [string, Chain] {
  return [hook, { hook: `type filter hook ${hook} ${base};`, rules }];
}
