// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Chain } from '../../../../agent/render/chain.ts';
import type { AddressClass } from '../../../../agent/render/classes.ts';
import { RULE_F_REPLY, RULES_PER_SEGMENT, type Rule } from '../../../../agent/render/generated/layout.ts';
import { renderPairRules, renderSegments } from '../../../../agent/render/rules.ts';
import type { ChainPort } from '../../../../api/index.ts';
import { any, chain as makeChain } from './fixtures.ts';

const chain = (pathId: number, ports?: readonly ChainPort[]): Chain =>
  makeChain({ pathId, from: any, to: any, ...(ports ? { ports } : {}) });

function classOf(...ends: readonly (readonly [Chain, 'from' | 'to' | 'both'])[]): AddressClass {
  const chains = ends.map(([of, side]) => ({
    chain: of,
    from: side !== 'to',
    to: side !== 'from',
    behind: false,
  }));
  return { id: 1n, chains };
}

const said = ({ path, protocol, flags, portFirst, portLast }: Rule) =>
  `${path} ${flags & RULE_F_REPLY ? 'reply' : 'forward'} ${protocol}:${portFirst}-${portLast}`;
const rulesOf = (source: AddressClass, destination: AddressClass) =>
  renderPairRules(source, destination).rules.map(said);

describe('the rules of a pair of classes', () => {
  const all = chain(1);
  const web = chain(2, [{ protocol: 'TCP', port: 80 }]);

  test('are of the chains that name both, in the direction of their ends', () => {
    expect(rulesOf(classOf([all, 'from']), classOf([all, 'to']))).toEqual(['1 forward 0:0-65535']);
    expect(rulesOf(classOf([all, 'to']), classOf([all, 'from']))).toEqual(['1 reply 0:0-65535']);
    expect(rulesOf(classOf([all, 'from']), classOf([all, 'from']))).toEqual([]);
    expect(rulesOf(classOf([all, 'to']), classOf([all, 'to']))).toEqual([]);
    expect(rulesOf(classOf([all, 'from']), classOf([web, 'to']))).toEqual([]);
  });

  test('are for both directions, with a path that must know who opened a flow, where both ends have both', () => {
    const { rules, ambiguous } = renderPairRules(classOf([web, 'both']), classOf([web, 'both']));
    expect(rules.map(said)).toEqual(['2 forward 6:80-80', '2 reply 6:80-80']);
    expect(ambiguous).toEqual([2]);
    expect(renderPairRules(classOf([web, 'both']), classOf([web, 'to'])).ambiguous).toEqual([]);
  });

  test('have the ports of a chain, ICMP of both families, and all ports where none is named', () => {
    const many = chain(3, [
      { protocol: 'TCP', port: 8000, endPort: 8010 },
      { protocol: 'UDP' },
      { protocol: 'SCTP', port: 5 },
      { protocol: 'ICMP' },
    ]);
    expect(rulesOf(classOf([many, 'from']), classOf([many, 'to']))).toEqual([
      '3 forward 6:8000-8010',
      '3 forward 17:0-65535',
      '3 forward 132:5-5',
      '3 forward 1:0-65535',
      '3 forward 58:0-65535',
    ]);
  });

  test('end with a chain that takes everything, if it matches the pair', () => {
    const source = classOf([web, 'from'], [all, 'from'], [chain(9), 'from']);
    const destination = classOf(
      [source.chains[2]!.chain, 'to'],
      [source.chains[1]!.chain, 'to'],
      [source.chains[0]!.chain, 'to'],
    );
    expect(rulesOf(source, destination)).toEqual(['2 forward 6:80-80', '1 forward 0:0-65535']);
    const others = classOf([source.chains[2]!.chain, 'to'], [source.chains[0]!.chain, 'to']);
    expect(rulesOf(source, others)).toEqual(['2 forward 6:80-80', '9 forward 0:0-65535']);
  });
});

test('rules are cut into segments, of which all but the last say that more follow', () => {
  const rule = (path: number): Rule => ({ path, protocol: 6, flags: 0, portFirst: 1, portLast: 1 });
  const rules = Array.from({ length: 2 * RULES_PER_SEGMENT + 1 }, (_, index) => rule(index));
  const segments = renderSegments(rules);
  expect(segments.map(({ count, more }) => [count, more])).toEqual([
    [RULES_PER_SEGMENT, 1],
    [RULES_PER_SEGMENT, 1],
    [1, 0],
  ]);
  expect(segments.flatMap(({ rule: list }) => list)).toEqual(rules);
  expect(renderSegments(rules.slice(0, RULES_PER_SEGMENT)).map(({ more }) => more)).toEqual([0]);
  expect(renderSegments([])).toEqual([]);
});
