// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourcePorts } from '../../../../../api/selected-pods.ts';
import {
  assignSourcePorts,
  parseShares,
  type Shares,
} from '../../../../../operator/compile/function/source-ports.ts';

const NOBODY: Shares = new Map();
const sizeOf = ({ first, last }: SourcePorts): number => last - first + 1;
const upTo = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);

/** Pairs of instances that have a port in common. */
function clashesIn(shares: Shares): readonly string[] {
  const all = [...shares].sort(([, a], [, b]) => a.first - b.first);
  return all.flatMap(([id, ports], at) => {
    const next = all[at + 1];
    return next && next[1].first <= ports.last ? [`${id} and ${next[0]}`] : [];
  });
}

describe('source ports of the instances of a load balancer', () => {
  test('are those of the release before, as long as no two ids are equal modulo 8', () => {
    const shares = assignSourcePorts({ held: NOBODY, instances: [7, 8, 18], replicas: 3 });
    expect([...shares]).toEqual([
      [7, { first: 1024 + 7 * 3968, last: 1024 + 8 * 3968 - 1 }],
      [8, { first: 1024, last: 4991 }],
      [18, { first: 1024 + 2 * 3968, last: 1024 + 3 * 3968 - 1 }],
    ]);
  });

  test('of two instances whose ids are equal modulo 8 are different', () => {
    expect(clashesIn(assignSourcePorts({ held: NOBODY, instances: [8, 16], replicas: 2 }))).toEqual([]);
  });

  test.each([1, 4, 9, 64])('%i replicas and as many that drain all have some', (replicas) => {
    const before = assignSourcePorts({ held: NOBODY, instances: upTo(replicas), replicas });
    const after = assignSourcePorts({ held: before, instances: upTo(2 * replicas), replicas });
    expect(after.size).toBe(2 * replicas);
    expect(clashesIn(after)).toEqual([]);
    const sizes = new Set([...after.values()].map(sizeOf));
    expect([...sizes]).toEqual([{ 1: 3968, 4: 3968, 9: 992, 64: 248 }[replicas]]);
  });

  test('grow again when few replicas are left', () => {
    const many = assignSourcePorts({ held: NOBODY, instances: upTo(64), replicas: 64 });
    const few = assignSourcePorts({ held: many, instances: [5, 40], replicas: 2 });
    for (const [id, ports] of few) {
      expect(sizeOf(ports)).toBe(3968);
      expect(ports.first).toBeLessThanOrEqual(many.get(id)!.first);
      expect(ports.last).toBeGreaterThanOrEqual(many.get(id)!.last);
    }
  });

  test('run out only beyond a thousand instances', () => {
    const shares = assignSourcePorts({ held: NOBODY, instances: upTo(1100), replicas: 64 });
    expect(clashesIn(shares)).toEqual([]);
    expect(shares.size).toBeLessThan(1100);
    expect(assignSourcePorts({ held: shares, instances: [1100], replicas: 1 }).size).toBe(1);
  });

  test('are never shared nor taken away, whichever instances come and go', () => {
    const step = fc.record({
      come: fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 20 }),
      go: fc.integer({ min: 0, max: 3 }),
      replicas: fc.integer({ min: 0, max: 64 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let held = NOBODY;
        for (const { come, go, replicas } of steps) {
          const stay = [...held.keys()].filter((id) => go === 0 || id % 4 !== go);
          const shares = assignSourcePorts({ held, instances: [...stay, ...come], replicas });
          expect(clashesIn(shares)).toEqual([]);
          for (const id of stay) {
            expect(shares.get(id)!.first).toBeLessThanOrEqual(held.get(id)!.first);
            expect(shares.get(id)!.last).toBeGreaterThanOrEqual(held.get(id)!.last);
          }
          const text = JSON.stringify({ sourcePorts: Object.fromEntries(shares) });
          expect(parseShares(text)).toEqual(shares);
          held = shares;
        }
      }),
      { numRuns: 50 },
    );
  });

  test('that somebody wrote into the ConfigMap count only if they are shares, each of one instance', () => {
    const sourcePorts = {
      1: { first: 1024, last: 4991 },
      2: { first: 1024, last: 1054 },
      3: { first: 1025, last: 1055 },
      4: { first: 32_768, last: 32_798 },
      5: { first: 0, last: 70_000 },
      6: 'none',
    };
    expect([...parseShares(JSON.stringify({ sourcePorts })).keys()]).toEqual([1]);
    for (const text of [undefined, '', '7', 'null', '{"sourcePorts": null}']) {
      expect(parseShares(text)).toEqual(NOBODY);
    }
  });
});
