// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findMissing, needs, skipWhere } from '../../../support/needs.ts';

afterEach(() => vi.unstubAllEnvs());

const skipped = { skip: true, meta: { skipReason: 'nft is not installed' } };

describe('a test that cannot run here', () => {
  it('runs where nothing is missing', () => {
    expect(needs(undefined)).toEqual({});
    expect(skipWhere(undefined)).toEqual({});
  });

  it('is skipped with the reason', () => {
    vi.stubEnv('CI', '');
    expect(needs('nft is not installed')).toEqual(skipped);
  });

  it('is an error in CI when the runner brings what is missing, and a skip when it is a feature', () => {
    vi.stubEnv('CI', '1');
    expect(() => needs('nft is not installed')).toThrow('nft is not installed');
    expect(skipWhere('nft is not installed')).toEqual(skipped);
  });

  it(
    'names the first program that is not there',
    skipWhere(process.getuid?.() === 0 ? undefined : 'needs root'),
    () => {
      expect(findMissing(['sh', 'no-such-program', 'neither-this'])).toBe('no-such-program is not installed');
      expect(findMissing(['sh'])).toBeUndefined();
    },
  );
});
