// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { areOld } from '../../../../tools/kind/kube-proxy.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');

test('kube-proxies are old when one of them comes to its hourly writing during a run', () => {
  expect(areOld('2026-11-30T11:50:00Z 2026-11-30T11:55:00Z', NOW)).toBe(false);
  expect(areOld('2026-11-30T11:50:00Z 2026-11-30T11:39:00Z', NOW)).toBe(true);
  // None has started, or none was found.
  expect(areOld('', NOW)).toBe(false);
});
