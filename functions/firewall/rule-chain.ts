// SPDX-License-Identifier: Apache-2.0
import type { FirewallRule } from '../../api/index.ts';
import { rateOf } from '../../api/list-defaults.ts';
import { PATH_ID } from '../shared/nft/context.ts';
import type { Chain } from '../shared/nft/ruleset.ts';
import { rateName, ruleName } from './names.ts';

/** The group of nflog in which logged packets come to us. */
export const LOG_GROUP = 100;
/** Enough for the headers that are logged; the payload must not be logged. */
const LOG_LENGTH = 128;

/**
 * The chain of one rule: what happens to packets that match it. With a rate, packets beyond the rate return to the
 * calling chain, and go on to the rules after.
 */
export function renderRuleChain(rule: FirewallRule): Chain {
  const log = rule.log
    ? ` log prefix "${rule.action} ${rule.name}" group ${LOG_GROUP} snaplen ${LOG_LENGTH}`
    : '';
  const tail = `counter name "${ruleName(rule.name)}"${log} ${verdictOf(rule.action)}`;
  if (!rule.rate) return { rules: [tail] };
  const rate = rateOf(rule.rate);
  const limit = `limit rate ${rate.perSecond}/second burst ${rate.burst} packets`;
  if (rate.per === 'Rule') return { rules: [`${limit} ${tail}`] };
  return {
    rules: [
      `update @${rateName(rule.name, 4)} { ${PATH_ID} . ip saddr ${limit} } ${tail}`,
      `update @${rateName(rule.name, 6)} { ${PATH_ID} . ip6 saddr ${limit} } ${tail}`,
    ],
  };
}

export function verdictOf(action: FirewallRule['action']): string {
  switch (action) {
    case 'Accept':
      return 'accept';
    case 'Drop':
      return 'drop';
    case 'Reject':
      return 'goto action-reject';
  }
}
