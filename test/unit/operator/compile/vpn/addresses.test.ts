// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../../../../api/net/address.ts';
import { parsePrefix } from '../../../../../api/net/prefix.ts';
import { type AddressWish, allocateAddresses } from '../../../../../operator/compile/vpn/addresses.ts';

const POOL = ['10.99.0.0/28', 'fd99::/124'].map(parsePrefix);

function wish(
  name: string,
  more: { wanted?: readonly string[]; kept?: readonly string[] } = {},
): AddressWish {
  const { wanted = [], kept = [] } = more;
  return { name, uid: `${name}-uid`, wanted: wanted.map(parseAddress), kept: kept.map(parseAddress) };
}

function allocate(wishes: readonly AddressWish[], pool = POOL) {
  return new Map(
    [...allocateAddresses(pool, wishes)].map(([name, { addresses, problem }]) => [
      name,
      { addresses: addresses.map(formatAddress), problem: problem?.reason, message: problem?.message },
    ]),
  );
}

describe('addresses of peers', () => {
  test('a peer gets one of each IP version, and the same again whatever is asked in which order', () => {
    const one = allocate([wish('a'), wish('b')]);
    expect(one.get('a')?.addresses).toHaveLength(2);
    expect(allocate([wish('a')]).get('a')).toEqual(one.get('a'));
    expect(one.get('a')?.addresses).not.toEqual(one.get('b')?.addresses);
  });

  test('the address of one that goes is not given to the next that comes', () => {
    const before = allocate([wish('gone')]).get('gone')?.addresses;
    const after = allocate([wish('new')]).get('new')?.addresses;
    expect(after).not.toEqual(before);
  });

  test('one that is asked for is given, or refused with what stands in the way', () => {
    const given = allocate([
      wish('a', { wanted: ['10.99.0.7'] }),
      wish('b', { wanted: ['10.99.0.7'] }),
      wish('c', { wanted: ['10.98.0.7'] }),
      wish('d', { wanted: ['10.99.0.1'] }),
      wish('e', { wanted: ['10.99.0.15'] }),
    ]);
    expect(given.get('a')?.addresses).toContain('10.99.0.7');
    expect(given.get('b')).toMatchObject({
      problem: 'AddressInUse',
      message: '10.99.0.7 is the address of peer a',
    });
    expect(given.get('c')).toMatchObject({
      problem: 'AddressOutsidePool',
      message: '10.98.0.7 is outside the pool of the VPN (10.99.0.0/28, fd99::/124)',
    });
    expect(given.get('d')?.message).toContain('of the gateway');
    expect(given.get('e')?.problem).toBe('AddressOutsidePool');
  });

  test('one that somebody has is not taken from him by an older peer that asks for it', () => {
    const given = allocate([
      wish('older', { wanted: ['10.99.0.7'] }),
      wish('younger', { kept: ['10.99.0.7', 'fd99::7'] }),
    ]);
    expect(given.get('younger')?.addresses).toEqual(['10.99.0.7', 'fd99::7']);
    expect(given.get('older')?.problem).toBe('AddressInUse');
  });

  test('one that is asked for takes the place of the one that the peer had, of its own version only', () => {
    const given = allocate([wish('a', { wanted: ['10.99.0.9'], kept: ['10.99.0.7', 'fd99::7'] })]);
    expect(given.get('a')?.addresses).toEqual(['10.99.0.9', 'fd99::7']);
  });

  test('a pool that is full says so, and what to do', () => {
    const names = ['a', 'b'];
    const given = allocate(
      names.map((name) => wish(name)),
      [parsePrefix('10.99.0.0/30')],
    );
    expect(given.get('a')?.addresses).toEqual(['10.99.0.2']);
    expect(given.get('b')).toMatchObject({
      problem: 'PoolExhausted',
      message: 'no address of 10.99.0.0/30 is free; add a range to spec.pool of the VPN',
    });
  });

  test('after any sequence of peers no address is given twice, and no peer gets another address', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      what: fc.constantFrom('come', 'go'),
      ask: fc.option(fc.constantFrom('10.99.0.3', '10.99.0.4', '10.99.0.14'), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const peers = new Map<string, AddressWish>();
        for (const { name, what, ask } of steps) {
          if (what === 'go') peers.delete(name);
          else if (!peers.has(name)) peers.set(name, wish(name, { wanted: ask ? [ask] : [] }));
          const given = allocateAddresses(POOL, [...peers.values()]);
          const all = [...given.values()].flatMap(({ addresses }) => addresses.map(formatAddress));
          expect(new Set(all).size).toBe(all.length);
          for (const [each, before] of peers) {
            const now = given.get(each)?.addresses ?? [];
            for (const kept of before.kept) expect(now).toContainEqual(kept);
            peers.set(each, { ...before, kept: now });
          }
        }
      }),
    );
  });
});
