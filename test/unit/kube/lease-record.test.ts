// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  isExpired,
  type Lease,
  observeLease,
  renderLeaseSpec,
  renderReleased,
} from '../../../kube/lease-record.ts';

function lease(resourceVersion: string, holderIdentity: string | undefined = 'a'): Lease {
  const holder = holderIdentity === undefined ? {} : { holderIdentity };
  return { metadata: { name: 'operator', resourceVersion }, spec: { ...holder, leaseDurationSeconds: 15 } };
}

test('a lease expires when it was not seen to change for its duration, whatever the times in it say', () => {
  const first = observeLease(undefined, lease('1'), 1000);
  const again = observeLease(first, lease('1'), 15_999);
  expect(isExpired(again, 16_000)).toBe(false);
  expect(isExpired(again, 16_001)).toBe(true);
  const renewed = observeLease(again, lease('2'), 16_000);
  expect(isExpired(renewed, 31_000)).toBe(false);
});

test('a lease without a holder may be taken at once', () => {
  const { spec, ...rest } = lease('1');
  const released = { ...rest, spec: renderReleased(spec!) };
  expect(isExpired(observeLease(undefined, released, 0), 0)).toBe(true);
});

test('who renews keeps its time of acquisition, who takes over counts a transition', () => {
  const claim = { identity: 'a', leaseDurationMs: 15_000, now: Date.parse('2026-11-23T15:00:00Z') };
  const first = renderLeaseSpec(undefined, claim);
  expect(first).toEqual({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-11-23T15:00:00.000000Z',
    renewTime: '2026-11-23T15:00:00.000000Z',
    leaseTransitions: 0,
  });
  const renewed = renderLeaseSpec(first, { ...claim, now: claim.now + 2000 });
  expect(renewed.acquireTime).toBe(first.acquireTime);
  expect(renewed.renewTime).toBe('2026-11-23T15:00:02.000000Z');
  const taken = renderLeaseSpec(renewed, { ...claim, identity: 'b', now: claim.now + 30_000 });
  expect(taken).toMatchObject({ leaseTransitions: 1, acquireTime: '2026-11-23T15:00:30.000000Z' });
});
