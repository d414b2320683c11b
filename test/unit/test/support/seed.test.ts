// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { random, seed } from '../../../support/seed.ts';

it('property tests start from the seed of the run', () => {
  expect(fc.readConfigureGlobal()?.seed).toBe(seed);
  expect(seed).toBe(Number(process.env.HEDDLE_SEED));
});

it('numbers are the same for the same stream, and others for another', () => {
  const numbers = (stream: number) => Array.from({ length: 5 }, random(stream));
  expect(numbers(4)).toEqual(numbers(4));
  expect(numbers(4)).not.toEqual(numbers(6));
});
