// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseWeight } from '../../../api/index.ts';

test.each([
  [undefined, 100],
  ['0', 0],
  ['1', 1],
  ['99', 99],
  ['256', 256],
])('the weight %j is %d', (text, value) => {
  expect(parseWeight(text)).toEqual({ ok: true, value });
});

test.each(['', ' 1', '-1', '1.5', '1e2', '010', '0x10', '257', '1000', 'half', 'NaN'])(
  'the weight %j is refused with a message that quotes it',
  (text) => {
    expect(parseWeight(text)).toEqual({
      ok: false,
      complaint: {
        field: 'heddle.dev/weight',
        message: `${JSON.stringify(text)} is not a whole number of 0..256`,
      },
    });
  },
);
