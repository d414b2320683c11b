// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { FailureBudget } from '../../../kube/failure-budget.ts';

let now = 0;
const make = () => new FailureBudget({ monotonic: () => now });

/** How many of `addresses` may ask, one after the other. */
function admitted(budget: FailureBudget, addresses: readonly string[]): number {
  return addresses.filter((address) => budget.take(address)).length;
}

const many = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i));

describe('the budget of refused tokens (security.md: pod-reads-tenants)', () => {
  test.each([
    ['an IPv4 address', many(50, () => '10.0.0.9')],
    ['an IPv4 address, in both forms', many(50, (i) => (i % 2 ? '10.0.0.9' : '::ffff:10.0.0.9'))],
    ['the addresses of a /64', many(50, (i) => `2001:db8:0:1:${i.toString(16)}::1`)],
    ['a link-local address with a zone', many(50, (i) => `fe80::${i.toString(16)}%eth0`)],
    ['a socket that is gone', many(50, () => '')],
  ])('is one for %s', (_what, addresses) => {
    const budget = make();
    expect(admitted(budget, addresses)).toBe(10);
    now += 2000;
    expect(admitted(budget, addresses)).toBe(2);
  });

  test('of one client leaves that of another alone', () => {
    const budget = make();
    admitted(
      budget,
      many(50, () => '2001:db8:0:1::1'),
    );
    expect(budget.take('2001:db8:0:2::1')).toBe(true);
    expect(budget.take('10.0.0.9')).toBe(true);
  });

  test('holds for all clients together, however many addresses one has', () => {
    const budget = make();
    const networks = (round: number) => many(5000, (i) => `2001:db8:${round}:${i.toString(16)}::1`);
    expect(admitted(budget, networks(1))).toBe(100);
    expect(admitted(budget, networks(1))).toBe(0);
    now += 1000;
    expect(admitted(budget, networks(2))).toBe(10);
  });

  test('gets back what was taken for a token that is good', () => {
    const budget = make();
    for (let i = 0; i < 500; i += 1) {
      expect(budget.take('10.0.0.9')).toBe(true);
      budget.giveBack('10.0.0.9');
    }
  });
});
