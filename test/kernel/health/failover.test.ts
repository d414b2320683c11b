import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bed } from './bed.ts';
import { allFailures } from './failures.ts';
import { measureOutage } from './measure.ts';

const RUNS = 3;

describe('a function of three instances on two nodes', () => {
  let bed: Bed;

  beforeAll(async () => {
    bed = await Bed.create();
  }, 60_000);
  afterAll(() => bed?.close());

  test.each(allFailures().map((failure) => [failure.name, failure] as const))(
    '%s: its flows go elsewhere in time, others notice nothing, and nothing moves when it returns',
    async (_, failure) => {
      for (let run = 0; run < RUNS; run++) {
        const outage = await measureOutage(bed, failure);
        expect(outage.victims).toBeGreaterThan(0);
        expect(outage.lostMs).toBeLessThan(failure.limitMs);
        expect(outage).toMatchObject({ bystandersLostMs: 0, returnLostMs: 0, movedByReturn: 0 });
      }
    },
    60_000,
  );
});
