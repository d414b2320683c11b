// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { FirewallRule } from '../../../../../api/index.ts';
import { renderRuleset } from '../../../../../functions/firewall/render.ts';
import type { NamedSet, Ruleset } from '../../../../../functions/shared/nft/ruleset.ts';
import { diffRulesets } from '../../../../../functions/shared/nft/transaction.ts';

function ruleset(rules: readonly FirewallRule[], sets: ReadonlyMap<string, NamedSet> = new Map()): Ruleset {
  return renderRuleset({ replicas: 1, drainSeconds: 30, stateful: true, defaultAction: 'Drop', rules }, sets);
}

const web: FirewallRule = { name: 'web', action: 'Accept', protocol: 'TCP', destinationPorts: [80] };
const dns: FirewallRule = { name: 'dns', action: 'Accept', protocol: 'UDP', destinationPorts: [53] };

describe('firewall: transactions', () => {
  test('no difference, no transaction', () => {
    expect(diffRulesets(ruleset([web]), ruleset([web]))).toBe('');
  });

  test('another action touches the chain of its rule and nothing else', () => {
    expect(diffRulesets(ruleset([web, dns]), ruleset([web, { ...dns, action: 'Drop' }]))).toBe(
      [
        'flush chain inet heddle rule-dns',
        'add rule inet heddle rule-dns counter name "rule-dns" drop',
        '',
      ].join('\n'),
    );
  });

  test('what is deleted is named no more when it goes, and what is named is there before', () => {
    const lines = diffRulesets(ruleset([web]), ruleset([dns]))
      .trim()
      .split('\n');
    const at = (text: string): number => lines.findIndex((line) => line.startsWith(text));
    expect(at('add chain inet heddle rule-dns')).toBeLessThan(at('add rule inet heddle rules-v4'));
    expect(at('flush chain inet heddle rules-v4')).toBeLessThan(at('delete chain inet heddle rule-web'));
    expect(at('flush chain inet heddle rule-web')).toBeLessThan(at('delete counter inet heddle rule-web'));
  });

  test('of a set only the elements that differ are told', () => {
    const set = (...elements: string[]): ReadonlyMap<string, NamedSet> =>
      new Map([
        [
          's',
          { kind: 'set', declaration: ['type ipv4_addr'], elements: new Map(elements.map((e) => [e, ''])) },
        ],
      ]);
    expect(
      diffRulesets(ruleset([], set('10.0.0.1', '10.0.0.2')), ruleset([], set('10.0.0.2', '10.0.0.3'))),
    ).toBe(
      ['delete element inet heddle s { 10.0.0.1 }', 'add element inet heddle s { 10.0.0.3 }', ''].join('\n'),
    );
  });
});
