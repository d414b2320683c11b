// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import {
  drainAddresses,
  MOST_DRAINING,
  REFUSED_MS,
} from '../../../../../operator/compile/function/draining.ts';

const at = (ms: number): Date => new Date(Date.UTC(2026, 0, 1) + ms);
const DRAIN_SECONDS = 30;
const END_MS = DRAIN_SECONDS * 1000 + REFUSED_MS;
const drain = (change: Partial<Parameters<typeof drainAddresses>[0]>) =>
  drainAddresses({
    ...{ before: [], addresses: [], draining: [], drainSeconds: DRAIN_SECONDS, now: at(0) },
    ...change,
  });

describe('an address that is taken from a load balancer', () => {
  const draining = [{ address: '10.20.0.9', since: at(0).toISOString() }];

  test('drains, and is refused for a minute more; then it is free', () => {
    expect(drain({ before: ['10.20.0.9', 'fd20::9'], addresses: ['fd20::9'] })).toEqual(draining);
    expect(drain({ draining, now: at(END_MS - 1) })).toEqual(draining);
    expect(drain({ draining, now: at(END_MS) })).toEqual([]);
  });

  test('keeps its time when other addresses are edited, and follows an edit of the drain time', () => {
    const now = at(10_000);
    expect(drain({ draining, before: ['10.20.0.8'], addresses: ['10.20.0.7'], now })).toEqual([
      { address: '10.20.0.8', since: now.toISOString() },
      ...draining,
    ]);
    expect(drain({ draining, drainSeconds: 0, now: at(REFUSED_MS) })).toEqual([]);
  });

  test('drains no longer when it comes back, and anew when it is taken again', () => {
    expect(drain({ draining, before: ['10.20.0.8'], addresses: ['10.20.0.9'], now: at(1) })).toEqual([
      { address: '10.20.0.8', since: at(1).toISOString() },
    ]);
  });

  test('is one of so many as a status holds: those that have drained the longest end', () => {
    const many = Array.from({ length: MOST_DRAINING }, (_, i) => ({
      address: `10.20.1.${i}`,
      since: at(i).toISOString(),
    }));
    const result = drain({ draining: many, before: ['10.20.0.1'], now: at(1000) });
    expect(result).toHaveLength(MOST_DRAINING);
    const addresses = result.map(({ address }) => address);
    expect(addresses).toContain('10.20.0.1');
    expect(addresses).not.toContain('10.20.1.0');
  });
});
