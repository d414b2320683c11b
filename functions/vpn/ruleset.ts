// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import { parsePrefix } from '../../api/net/prefix.ts';
import type { Chain, NamedSet, Ruleset } from '../shared/nft/ruleset.ts';
import { DEVICE, TENANT, TENANT_MARK } from './names.ts';

/** Which packets pass a gateway. */
export interface RulesetInput {
  /** What peers reach. */
  readonly routes: readonly string[];
  readonly peerToPeer: boolean;
}

const OURS = `{ "${TENANT}", "${DEVICE}" }`;
const NEIGHBOURS = '{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert }';
const MEMBERSHIP = '{ mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report }';
const REFUSE = 'counter name refused reject with icmpx type admin-prohibited';

/**
 * Pure: the gateway's rules. That a peer sends from its own addresses only is WireGuard's doing; where it may go is said
 * here. Nothing is tracked: a gateway that takes over has no flows to forget. Its sets merge ranges, which the kernel can
 * only replace whole: a change is one transaction of the whole table.
 */
export function renderRuleset({ routes, peerToPeer }: RulesetInput): Ruleset {
  return {
    counters: ['refused'],
    sets: new Map([
      ['routes4', rangeSet('ipv4_addr', ofFamily(routes, 4))],
      ['routes6', rangeSet('ipv6_addr', ofFamily(routes, 6))],
    ]),
    chains: new Map([
      // Before anything routes or tracks them. Neighbour discovery is the link's own affair.
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
        // A connection's two ends hear at once what fits; whoever does not listen hears of it by ICMP.
        'tcp flags syn tcp option maxseg size set rt mtu',
        `iifname "${DEVICE}" oifname "${DEVICE}" ${peerToPeer ? 'accept' : REFUSE}`,
        `iifname "${DEVICE}" oifname "${TENANT}" ip daddr @routes4 accept`,
        `iifname "${DEVICE}" oifname "${TENANT}" ip6 daddr @routes6 accept`,
        `iifname "${TENANT}" oifname "${DEVICE}" ip saddr @routes4 accept`,
        `iifname "${TENANT}" oifname "${DEVICE}" ip6 saddr @routes6 accept`,
        REFUSE,
      ]),
      // What is born here and answers nobody is the pod's own: it has no business with tenants.
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

/** Nothing passes: until the first config is there. */
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
