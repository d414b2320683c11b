// SPDX-License-Identifier: Apache-2.0
import type { FirewallRule, FirewallSpec } from '../../api/index.ts';
import { rateOf } from '../../api/list-defaults.ts';
import { FAMILIES, type Family } from '../../api/net/address.ts';
import { decideOrAnswerProbe } from '../shared/nft/context.ts';
import type { Chain, NamedSet, Ruleset } from '../shared/nft/ruleset.ts';
import { compileMatch } from './compile-match.ts';
import { renderLookups, type Target } from './lookups.ts';
import { isEmpty } from './match.ts';
import { builtInCounters, rateName, ruleName } from './names.ts';
import { renderRuleChain, verdictOf } from './rule-chain.ts';

/** Pure: renders a firewall as a ruleset. `sets` are the address sets that its rules name, by their nft name. */
export function renderRuleset(spec: FirewallSpec, sets: ReadonlyMap<string, NamedSet>): Ruleset {
  const rules = spec.rules ?? [];
  const lookups = FAMILIES.map((family) => renderLookups(family, targetsOf(rules, family)));
  return {
    counters: [...builtInCounters, ...rules.map((rule) => ruleName(rule.name))],
    sets: new Map([...sets, ...rateSets(rules), ...lookups.flatMap(({ maps }) => [...maps])]),
    chains: new Map<string, Chain>([
      [
        'action-reject',
        { rules: ['meta l4proto tcp reject with tcp reset', 'reject with icmpx admin-prohibited'] },
      ],
      ['invalid-state', { rules: ['counter name "invalid-state" drop'] }],
      ['default-action', { rules: [`counter name "default-action" ${verdictOf(spec.defaultAction)}`] }],
      ...rules.map((rule): [string, Chain] => [ruleName(rule.name), renderRuleChain(rule)]),
      ...FAMILIES.map((family, i): [string, Chain] => [
        `rules-v${family}`,
        { rules: [...lookups[i]!.rules, 'goto default-action'] },
      ]),
      ['by-family', { rules: ['meta nfproto vmap { ipv4 : goto rules-v4, ipv6 : goto rules-v6 }'] }],
      ['by-flow', { rules: flowRules(spec) }],
      [
        'forward',
        {
          hook: 'type filter hook forward priority filter; policy drop;',
          // Packets without a context are not for the firewall.
          rules: [decideOrAnswerProbe('by-flow')],
        },
      ],
    ]),
  };
}

function targetsOf(rules: readonly FirewallRule[], family: Family): readonly Target[] {
  return rules.flatMap((rule) => {
    const match = compileMatch(rule, family);
    return match && !isEmpty(match)
      ? [{ match, chain: ruleName(rule.name), returns: rule.rate !== undefined }]
      : [];
  });
}

/** Rules that decide by the flow of a packet, before the rules of the spec. */
function flowRules(spec: FirewallSpec): readonly string[] {
  if (!spec.stateful) return ['goto by-family'];
  // All echo requests of one ping are one flow: a rate of ICMP that counted flows would limit nothing.
  const rated = (spec.rules ?? []).some((rule) => rule.rate && rule.protocol?.startsWith('ICMP'));
  return [
    ...(rated
      ? ['meta l4proto { icmp, ipv6-icmp } ct state established ct direction original goto by-family']
      : []),
    'ct state vmap { established : accept, related : accept, invalid : goto invalid-state }',
    'goto by-family',
  ];
}

/** The sets of rates. An element stays for as long as the allowance of its source takes to fill up again. */
function rateSets(rules: readonly FirewallRule[]): readonly [string, NamedSet][] {
  return rules.flatMap((rule) => {
    const rate = rule.rate && rateOf(rule.rate);
    if (rate?.per !== 'Source') return [];
    const seconds = Math.max(10, Math.ceil(rate.burst / rate.perSecond) + 1);
    return FAMILIES.map((family): [string, NamedSet] => [
      rateName(rule.name, family),
      {
        kind: 'set',
        declaration: [
          `type mark . ipv${family}_addr`,
          'size 65536',
          'flags dynamic,timeout',
          `timeout ${seconds}s`,
        ],
      },
    ]);
  });
}
