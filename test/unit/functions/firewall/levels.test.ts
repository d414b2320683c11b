// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FirewallRule } from '../../../../api/index.ts';
import { compileMatch } from '../../../../functions/firewall/compile-match.ts';
import { assignLevels, matchesMeet } from '../../../../functions/firewall/levels.ts';
import type { Match } from '../../../../functions/firewall/match.ts';

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

describe('firewall: levels', () => {
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
