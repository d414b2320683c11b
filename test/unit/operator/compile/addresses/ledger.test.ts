// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { LARGEST_ID } from '../../../../../api/context/context.ts';
import { parseAddress } from '../../../../../api/net/address.ts';
import { type Claim, Ledger } from '../../../../../operator/compile/addresses/ledger.ts';

const VNI = 4097;
const address = parseAddress('10.20.0.5');
const claim = (key: string, more: Partial<Claim> = {}): Claim => ({
  key,
  vni: VNI,
  addresses: [address],
  mac: '06:00:00:00:00:05',
  ...more,
});
const instance = (key: string, id: number): Claim => ({ key, addresses: [], instance: id });

describe('a reservation', () => {
  test('that ends takes nothing from the Port that came of it', () => {
    const ledger = new Ledger();
    ledger.reserve(claim('shop/a'), 10);
    ledger.put(claim('shop/a'));
    ledger.expire(10);
    expect(ledger.holdersOf(VNI, address)).toEqual(['shop/a']);
    expect(ledger.taken(VNI, 4).has(address.value)).toBe(true);
    expect(ledger.share(VNI, 'shop', 4)).toBe(1);
    ledger.drop('shop/a');
    expect(ledger.holdersOf(VNI, address)).toEqual([]);
  });

  test('that ends takes nothing from another Port with the same address', () => {
    const ledger = new Ledger();
    ledger.reserve(claim('shop/a'), 10);
    ledger.put(claim('shop/b'));
    ledger.expire(10);
    expect(ledger.holdersOf(VNI, address)).toEqual(['shop/b']);
    expect(ledger.taken(VNI, 4).has(address.value)).toBe(true);
  });

  test('holds what it claims until it ends, not a moment longer', () => {
    const ledger = new Ledger();
    ledger.reserve(claim('shop/a'), 10);
    ledger.expire(9);
    expect(ledger.isReserved('shop/a')).toBe(true);
    expect(ledger.isUsed(VNI)).toBe(true);
    ledger.expire(10);
    expect(ledger.isReserved('shop/a')).toBe(false);
    expect(ledger.isUsed(VNI)).toBe(false);
    expect(ledger.taken(VNI, 4).has(address.value)).toBe(false);
    expect(ledger.portsOf('shop')).toBe(0);
  });

  test('of a Port that is there already changes nothing', () => {
    const ledger = new Ledger();
    ledger.put(claim('shop/a'));
    ledger.reserve(claim('shop/a', { addresses: [parseAddress('10.20.0.6')] }), 10);
    expect(ledger.isReserved('shop/a')).toBe(false);
    expect(ledger.holdersOf(VNI, parseAddress('10.20.0.6'))).toEqual([]);
  });

  test('is replaced by the Port, which may have other addresses', () => {
    const ledger = new Ledger();
    ledger.reserve(claim('shop/a'), 10);
    ledger.put(claim('shop/a', { addresses: [parseAddress('10.20.0.6')] }));
    expect(ledger.holdersOf(VNI, address)).toEqual([]);
    expect(ledger.holdersOf(VNI, parseAddress('10.20.0.6'))).toEqual(['shop/a']);
    expect(ledger.share(VNI, 'shop', 4)).toBe(1);
  });
});

describe('an address that two Ports claim', () => {
  test('is taken until both are gone', () => {
    const ledger = new Ledger();
    ledger.put(claim('shop/a'));
    ledger.put(claim('shop/b'));
    ledger.drop('shop/a');
    expect(ledger.taken(VNI, 4).has(address.value)).toBe(true);
    expect(ledger.holdersOf(VNI, '06:00:00:00:00:05')).toEqual(['shop/b']);
    ledger.drop('shop/b');
    expect(ledger.taken(VNI, 4).has(address.value)).toBe(false);
  });

  test('is counted for each network by itself', () => {
    const ledger = new Ledger();
    ledger.put(claim('shop/a'));
    ledger.put(claim('shop/b', { vni: VNI + 1 }));
    ledger.drop('shop/a');
    expect(ledger.isUsed(VNI)).toBe(false);
    expect(ledger.isUsed(VNI + 1)).toBe(true);
  });
});

describe('instance ids', () => {
  test('go round at the largest one, over those that are in use', () => {
    const ledger = new Ledger();
    ledger.put(instance('shop/a', 1));
    ledger.put(instance('shop/b', LARGEST_ID));
    expect(ledger.freeInstance()).toBe(2);
  });

  test('are not given again at once, since flows of the former instance may be left', () => {
    const ledger = new Ledger();
    expect(ledger.freeInstance()).toBe(1);
    ledger.put(instance('shop/a', 1));
    ledger.drop('shop/a');
    expect(ledger.freeInstance()).toBe(2);
  });

  test('end when all are in use, and go on when one is free again', () => {
    const ledger = new Ledger();
    for (let id = 1; id <= LARGEST_ID; id++) ledger.put(instance(`shop/${id}`, id));
    expect(ledger.freeInstance()).toBeUndefined();
    expect(ledger.instanceHolders(7)).toEqual(['shop/7']);
    ledger.drop('shop/7');
    expect(ledger.freeInstance()).toBe(7);
    expect(ledger.instanceHolders(7)).toEqual([]);
  });
});

test('the search for an address goes on behind the newest Port, in whatever order Ports are seen', () => {
  const ledger = new Ledger();
  const at = (key: string, text: string, createdAt: string) =>
    ledger.put(claim(key, { addresses: [parseAddress(text)], createdAt }));
  at('shop/new', '10.20.0.7', '2026-11-30T10:00:01Z');
  at('shop/old', '10.20.0.200', '2026-11-30T10:00:00Z');
  expect(ledger.recent(VNI, 4)).toBe(parseAddress('10.20.0.7').value);
});
