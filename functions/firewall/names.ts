// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { FirewallEndpoint } from '../../api/index.ts';
import type { Family } from '../../api/net/address.ts';
import { selectorKey } from '../../api/selector-key.ts';

/** Names of what the ruleset holds. A rule's own name is in them, so that `nft list` can be read. */
export function ruleName(rule: string): string {
  return `rule-${rule}`;
}

/** The set with a rule's sources and how much each of them may still send. */
export function rateName(rule: string, family: Family): string {
  return `rate-${rule}-v${family}`;
}

/** The ranges, or the single addresses, of one family of a named set of the firewall. */
export function setName(set: string, family: Family, part: 'ranges' | 'hosts'): string {
  return `set-${set}-v${family}-${part}`;
}

/** The key of selectors in the file of the operator. */
export function podsKey({ podSelector, namespaceSelector }: FirewallEndpoint): string {
  return selectorKey({
    ...(podSelector && { podSelector }),
    ...(namespaceSelector && { namespaceSelector }),
  });
}

/** The addresses of a selector's pods, by path. */
export function podsSetName(endpoint: FirewallEndpoint, family: Family): string {
  const hash = createHash('sha256').update(podsKey(endpoint)).digest('hex').slice(0, 12);
  return `pods-${hash}-v${family}`;
}
