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

  test('references are removed before the object that they name, and added after it', () => {
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

  describe('of a set of ranges', () => {
    const named: FirewallRule = { name: 'blocked', action: 'Drop', source: { set: 'bad' } };
    const ranges = (...elements: string[]): ReadonlyMap<string, NamedSet> =>
      new Map(
        ([4, 6] as const).flatMap((family) => [
          [`set-bad-v${family}-hosts`, { kind: 'set', declaration: [`type ipv${family}_addr`] }],
          [
            `set-bad-v${family}-ranges`,
            {
              kind: 'set',
              declaration: [`type ipv${family}_addr`, 'flags interval'],
              elements: new Map(family === 4 ? elements.map((each) => [each, '']) : []),
            },
          ],
        ]),
      );
    const edit = (before: readonly string[], after: readonly string[]): readonly string[] =>
      diffRulesets(ruleset([named, web], ranges(...before)), ruleset([named, web], ranges(...after)))
        .trim()
        .split('\n');

    test('from which something leaves the whole is made again, with the rules that refer to it and no others', () => {
      const lines = edit(['10.0.0.0/8', '11.0.0.0/24'], ['10.0.0.0/9', '11.0.0.0/24']);
      const rules = lines.filter((line) => line.startsWith('add rule'));
      expect(lines).toEqual([
        'flush chain inet heddle rules-v4',
        'delete set inet heddle set-bad-v4-ranges',
        'add set inet heddle set-bad-v4-ranges { type ipv4_addr; flags interval; elements = { 10.0.0.0/9, 11.0.0.0/24 }; }',
        ...rules,
      ]);
      expect(rules.some((line) => line.includes('@set-bad-v4-ranges'))).toBe(true);
      expect(rules.every((line) => line.startsWith('add rule inet heddle rules-v4 '))).toBe(true);
    });

    test('to which something is only added the addition is told', () => {
      expect(edit(['10.0.0.0/8'], ['10.0.0.0/8', '12.0.0.0/8'])).toEqual([
        'add element inet heddle set-bad-v4-ranges { 12.0.0.0/8 }',
      ]);
    });
  });

  test('a set with another declaration is made again, with the rules that refer to it', () => {
    const of = (...declaration: string[]): Ruleset => ({
      counters: [],
      sets: new Map([['s', { kind: 'set', declaration }]]),
      chains: new Map([
        ['c', { rules: ['ip saddr @s drop'] }],
        ['d', { rules: ['ip saddr @s2 drop'] }],
      ]),
    });
    expect(diffRulesets(of('type ipv4_addr', 'size 1'), of('type ipv4_addr', 'size 2'))).toBe(
      [
        'flush chain inet heddle c',
        'delete set inet heddle s',
        'add set inet heddle s { type ipv4_addr; size 2; }',
        'add rule inet heddle c ip saddr @s drop',
        '',
      ].join('\n'),
    );
  });
});
