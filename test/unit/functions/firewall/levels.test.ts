// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FirewallRule } from '../../../../api/index.ts';
import type { Family } from '../../../../api/net/address.ts';
import { mergeRanges } from '../../../../api/net/range-set.ts';
import { compileMatch } from '../../../../functions/firewall/compile-match.ts';
import { assignLevels, matchesMeet } from '../../../../functions/firewall/levels.ts';
import type { AddressMatch, Match } from '../../../../functions/firewall/match.ts';

const cidrs = fc.uniqueArray(
  fc.constantFrom(
    '10.0.0.0/8',
    '10.0.0.0/24',
    '10.0.0.128/25',
    '10.0.1.0/24',
    '192.168.0.0/16',
    '10.0.0.1/32',
  ),
  { minLength: 1, maxLength: 2 },
);
const ports = fc.uniqueArray(fc.constantFrom(80, 443, '80-90', '1-1000', '2000-3000'), {
  minLength: 1,
  maxLength: 2,
});

const match: fc.Arbitrary<Match> = fc
  .record(
    {
      protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
      source: fc.record({ cidrs }),
      destination: fc.record({ cidrs, not: fc.boolean() }),
      destinationPorts: ports,
    },
    { requiredKeys: ['protocol'] },
  )
  .map((part) => compileMatch({ name: 'r', action: 'Drop', ...part } as FirewallRule, 4)!);

/** Numbers of which some are close together, so that ranges of them often meet, touch or just miss each other. */
const numbers = (scale: bigint, largest: bigint) =>
  fc.tuple(fc.nat(4), fc.nat(3)).map(([high, low]) => {
    const number = BigInt(high) * scale + BigInt(low);
    return number > largest ? largest : number;
  });
const someRanges = (number: fc.Arbitrary<bigint>) =>
  fc
    .array(fc.tuple(number, number), { minLength: 1, maxLength: 2 })
    .map((pairs) =>
      mergeRanges(pairs.map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a }))),
    );

const addressOf = (family: Family): fc.Arbitrary<AddressMatch> =>
  fc.oneof(
    fc.constant<AddressMatch>({ kind: 'Any' }),
    fc.constant<AddressMatch>({ kind: 'Opaque', atoms: [], not: false }),
    // The boxes of IPv6 addresses have their top 52 bits only.
    someRanges(family === 4 ? numbers(1n << 30n, 0xffff_ffffn) : numbers(1n << 76n, 1n << 80n)).map(
      (ranges): AddressMatch => ({ kind: 'Ranges', ranges: ranges.map((range) => ({ family, ...range })) }),
    ),
  );
const optionalRanges = fc.option(someRanges(numbers(16_383n, 65_535n)), { nil: undefined });

/** Ports go with their protocols only, and so do types of ICMP. */
const protocols = fc.oneof(
  fc.record({
    protocol: fc.constantFrom(6, 17, 132),
    sourcePorts: optionalRanges,
    destinationPorts: optionalRanges,
    icmpTypes: fc.constant(undefined),
  }),
  fc.record({
    protocol: fc.constantFrom(undefined, 0, 1, 255),
    sourcePorts: fc.constant(undefined),
    destinationPorts: fc.constant(undefined),
    icmpTypes: fc.constant(undefined),
  }),
  fc.record({
    protocol: fc.constant(1),
    sourcePorts: fc.constant(undefined),
    destinationPorts: fc.constant(undefined),
    icmpTypes: fc.option(someRanges(numbers(60n, 255n)), { nil: undefined }),
  }),
);

const anyMatch = (family: Family): fc.Arbitrary<Match> =>
  fc
    .tuple(addressOf(family), addressOf(family), protocols)
    .map(([source, destination, rest]) => ({ family, source, destination, ...rest }));

describe('firewall: levels', () => {
  test('are the lowest ones that are above those of all earlier matches with a common packet', () => {
    const matches = fc
      .constantFrom<Family>(4, 6)
      .chain((family) => fc.array(anyMatch(family), { maxLength: 30 }));
    fc.assert(
      fc.property(matches, (list) => {
        const levels: number[] = [];
        for (const [i, later] of list.entries()) {
          const below = levels.filter((_, j) => matchesMeet(list[j]!, later));
          levels[i] = below.length === 0 ? 0 : Math.max(...below) + 1;
        }
        expect(assignLevels(list)).toEqual(levels);
      }),
      { numRuns: 500 },
    );
  });

  test('matches have no common packet when one part of them differs', () => {
    const range = (first: bigint, last: bigint) => [{ first, last }];
    const address = (first: bigint, last: bigint): AddressMatch => ({
      kind: 'Ranges',
      ranges: [{ family: 4, first, last }],
    });
    const plain: Match = {
      family: 4,
      protocol: 6,
      source: address(1n, 5n),
      destination: address(1n, 5n),
      sourcePorts: range(1n, 5n),
      destinationPorts: range(1n, 5n),
      icmpTypes: range(1n, 5n),
    };
    const meets = (part: Partial<Match>) => matchesMeet(plain, { ...plain, ...part });
    for (const side of ['source', 'destination'] as const) {
      expect([side, meets({ [side]: address(6n, 9n) })]).toEqual([side, false]);
      expect([side, meets({ [side]: address(5n, 9n) })]).toEqual([side, true]);
      expect([side, meets({ [side]: { kind: 'Any' } })]).toEqual([side, true]);
      expect([side, meets({ [side]: { kind: 'Opaque', atoms: [], not: true } })]).toEqual([side, true]);
    }
    for (const part of ['sourcePorts', 'destinationPorts', 'icmpTypes'] as const) {
      expect([part, meets({ [part]: range(6n, 9n) })]).toEqual([part, false]);
      expect([part, meets({ [part]: range(5n, 9n) })]).toEqual([part, true]);
      expect([part, meets({ [part]: undefined })]).toEqual([part, true]);
      expect([part, matchesMeet({ ...plain, [part]: undefined }, plain)]).toEqual([part, true]);
    }
    expect([meets({ family: 6 }), meets({ protocol: 17 }), meets({ protocol: undefined })]).toEqual([
      false,
      false,
      true,
    ]);
    expect(matchesMeet({ ...plain, protocol: undefined }, plain)).toBe(true);
    const anywhere = { ...plain, source: { kind: 'Any' } } as const;
    expect(matchesMeet(anywhere, plain)).toBe(true);
  });

  test('matches that share a packet rise in level with their order; those of one level share none', () => {
    fc.assert(
      fc.property(fc.array(match, { maxLength: 40 }), (matches) => {
        const levels = assignLevels(matches);
        matches.forEach((later, i) => {
          matches.slice(0, i).forEach((earlier, j) => {
            if (matchesMeet(earlier, later)) expect(levels[i]).toBeGreaterThan(levels[j]!);
          });
        });
      }),
      { numRuns: 200 },
    );
  });

  test('are found without a look at each pair of matches that differ in one part', () => {
    const host = { kind: 'Ranges', ranges: [{ family: 4, first: 7n, last: 7n }] } as const;
    const plain: Match = {
      family: 4,
      protocol: 6,
      source: host,
      destination: host,
      sourcePorts: undefined,
      destinationPorts: undefined,
      icmpTypes: undefined,
    };
    const parts = {
      protocol: (n: number) => n,
      destination: (n: number) => ({
        kind: 'Ranges',
        ranges: [{ family: 4, first: BigInt(n), last: BigInt(n) }],
      }),
      sourcePorts: (n: number) => [{ first: BigInt(n), last: BigInt(n) }],
      destinationPorts: (n: number) => [{ first: BigInt(n), last: BigInt(n) }],
      icmpTypes: (n: number) => [{ first: BigInt(n), last: BigInt(n) }],
    };
    for (const [part, partOf] of Object.entries(parts)) {
      let compared = 0;
      const matches = Array.from(
        { length: 100 },
        (_, i): Match => ({
          ...plain,
          [part]: partOf((i * 37) % 100),
          // matchesMeet reads the family first; each match is read once for its box.
          get family() {
            compared += 1;
            return 4 as const;
          },
        }),
      );
      assignLevels(matches);
      expect([part, compared - matches.length]).toEqual([part, 0]);
    }
  });

  test('ten thousand rules that do not overlap are one level', () => {
    const rules = Array.from({ length: 10_000 }, (_, i): Match => {
      const source = { cidrs: [`10.${i >> 8}.${i & 255}.0/24`] };
      return compileMatch(
        { name: `r${i}`, action: 'Drop', protocol: 'TCP', source, destinationPorts: [80] },
        4,
      )!;
    });
    expect(new Set(assignLevels(rules))).toEqual(new Set([0]));
  });
});
