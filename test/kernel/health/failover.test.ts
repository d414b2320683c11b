// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bed } from './bed.ts';
import { allFailures } from './failures.ts';
import { measureOutage, type Outage } from './measure.ts';

const RUNS = 3;

/** One run may meet a machine that is busy with something else; the soak says what all of many do. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

describe('a function of three instances on two nodes', () => {
  let bed: Bed;

  beforeAll(async () => {
    bed = await Bed.create();
  }, 60_000);
  afterAll(() => bed?.close());

  test.each(allFailures().map((failure) => [failure.name, failure] as const))(
    '%s: its flows go elsewhere in time, others notice nothing, and nothing moves when it returns',
    async (_, failure) => {
      const outages: Outage[] = [];
      for (let run = 0; run < RUNS; run++) outages.push(await measureOutage(bed, failure));
      for (const { victims } of outages) expect(victims).toBeGreaterThan(0);
      expect(median(outages.map(({ lostMs }) => lostMs))).toBeLessThan(failure.limitMs);
      expect(median(outages.map(({ bystandersLostMs }) => bystandersLostMs))).toBe(0);
      expect(median(outages.map(({ returnLostMs }) => returnLostMs))).toBe(0);
      expect(median(outages.map(({ movedByReturn }) => movedByReturn))).toBe(0);
    },
    60_000,
  );
});
