// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { formatTime, tagOf } from '../../../../tools/images/commit.ts';

it('a tag names the version and the commit, and says when files differ from it', () => {
  const id = '0123456789abcdef0123456789abcdef01234567';
  expect(tagOf('1.2.3', { revision: id, time: 0 })).toBe('1.2.3-0123456789ab');
  expect(tagOf('1.2.3', { revision: `${id}-dirty`, time: 0 })).toBe('1.2.3-0123456789ab-dirty');
  expect(tagOf('1.2.3', { revision: 'unknown', time: 0 })).toBe('1.2.3-unknown');
});

it('a time has seconds and no fraction, as SPDX wants it', () => {
  expect(formatTime({ revision: 'x', time: 1_700_000_000 })).toBe('2023-11-14T22:13:20Z');
});
