// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { FirewallEndpoint } from '../../api/index.ts';
import type { Family } from '../../api/net/address.ts';
import { selectorKey } from '../../api/selector-key.ts';

/** The name of a rule in the ruleset. It contains the rule's own name, so that the output of `nft list` can be read. */
export function ruleName(rule: string): string {
  return `rule-${rule}`;
}

/** Counters that every firewall has. The schema refuses rules of these names; an object may be older than that. */
export const builtInCounters = ['default-action', 'invalid-state'] as const;

/** The value of the metrics' label `rule` for a counter: a built-in counter, or a rule of the spec. */
export function ruleLabel(counter: string): string {
  const rule = counter.replace(/^rule-/, '');
  return builtInCounters.some((name) => name === rule) ? counter : rule;
}

/** The name of the set that has a rule's sources, and how much each of them may still send. */
export function rateName(rule: string, family: Family): string {
  return `rate-${rule}-v${family}`;
}

/** The name of the set that has the ranges, or the single addresses, of one family of a named set of the firewall. */
export function setName(set: string, family: Family, part: 'ranges' | 'hosts'): string {
  return `set-${set}-v${family}-${part}`;
}

/** The key of a selector in the file `peers.json`. */
export function podsKey({ podSelector, namespaceSelector }: FirewallEndpoint): string {
  return selectorKey({
    ...(podSelector && { podSelector }),
    ...(namespaceSelector && { namespaceSelector }),
  });
}

/** The name of the set that has the addresses of a selector's pods, by path. */
export function podsSetName(endpoint: FirewallEndpoint, family: Family): string {
  const hash = createHash('sha256').update(podsKey(endpoint)).digest('hex').slice(0, 12);
  return `pods-${hash}-v${family}`;
}
