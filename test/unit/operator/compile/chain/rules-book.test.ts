// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ChainSlice, ServiceChain } from '../../../../../api/index.ts';
import { keepStored, RulesBook, type StoredChain } from '../../../../../operator/compile/chain/rules-book.ts';
import type { End } from '../../../../../operator/compile/chain/types.ts';

const of = (...addresses: readonly string[]): End => ({ any: false, cidrs: [], addresses });
const everything: End = { any: true, cidrs: [], addresses: [] };

function slice(from: End, to: End): ChainSlice {
  return { spec: { slice: 0, from, to } } as unknown as ChainSlice;
}

function place(
  book: RulesBook,
  name: string,
  from: End,
  options: { slices?: ChainSlice[]; network?: string; to?: End; stored?: readonly StoredChain[] } = {},
) {
  const { slices = [], network = 'shop/net', to = everything, stored = [] } = options;
  return book.place({
    key: `shop/${name}`,
    network,
    chain: chainOf(name),
    ends: { from, to },
    slices,
    stored: () => stored,
  });
}

function chainOf(name: string): ServiceChain {
  return { metadata: { name, creationTimestamp: '' }, spec: { priority: 1000 } } as unknown as ServiceChain;
}

describe('chains whose network would need too many entries', () => {
  test('are refused; older ones stay, and others fit when one of these goes', () => {
    const book = new RulesBook(9);
    expect(place(book, 'a', of('10.0.0.1'))).toEqual({ kind: 'Fits' });
    expect(place(book, 'b', of('10.0.0.2'))).toEqual({ kind: 'Fits' });
    expect(place(book, 'c', of('10.0.0.3'))).toMatchObject({ kind: 'Exceeds' });
    expect(place(book, 'c', of('10.0.0.3'))).toMatchObject({ kind: 'Exceeds' });
    expect(place(book, 'a', of('10.0.0.1'))).toEqual({ kind: 'Fits' });
    expect(place(book, 'c', of('10.0.0.3'), { network: 'other/net' })).toEqual({ kind: 'Fits' });
    book.remove('shop/b');
    expect(place(book, 'c', of('10.0.0.3'))).toEqual({ kind: 'Fits' });
  });

  test('are refused when they name everything, after many that name little', () => {
    const book = new RulesBook(150);
    for (let i = 1; i <= 12; i++) place(book, `chain-${i}`, of(`10.0.0.${i}`), { to: of('10.9.9.9') });
    expect(place(book, 'all', everything)).toMatchObject({ kind: 'Exceeds' });
  });

  test('get no further addresses, and keep those on the nodes, also when the limit was lowered', () => {
    const book = new RulesBook(8);
    const stored = [slice(of('10.0.0.1'), everything)];
    place(book, 'a', of('10.0.0.1'), { slices: stored });
    expect(place(book, 'b', of('10.0.0.2', '10.0.0.4'))).toEqual({ kind: 'Fits' });
    const wider = of('10.0.0.1', '10.0.0.2', '10.0.0.3');
    expect(place(book, 'a', wider, { slices: stored })).toMatchObject({ kind: 'Exceeds' });
    expect(place(book, 'a', of('10.0.0.1'), { slices: stored })).toEqual({ kind: 'Fits' });
    const strict = new RulesBook(1);
    expect(place(strict, 'a', wider, { slices: [slice(wider, everything)] })).toEqual({ kind: 'Fits' });
  });

  test('are refused after a restart too, whichever chain is looked at first', () => {
    const stored = ['a', 'b', 'c'].map((name, index) => ({
      key: `shop/${name}`,
      chain: chainOf(name),
      slices: name === 'c' ? [] : [slice(of(`10.0.0.${index + 1}`), everything)],
    }));
    for (const order of ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']) {
      const book = new RulesBook(9);
      const verdicts = new Map(
        [...order].map((name) => {
          const index = 'abc'.indexOf(name);
          const { slices } = stored[index]!;
          return [name, place(book, name, of(`10.0.0.${index + 1}`), { slices, stored }).kind];
        }),
      );
      expect([order, verdicts.get('a'), verdicts.get('b'), verdicts.get('c')]).toEqual([
        ...[order, 'Fits', 'Fits', 'Exceeds'],
      ]);
    }
  });

  test('keep what both they and their slices name', () => {
    const block = { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] };
    const wanted = { any: true, cidrs: [block, { cidr: '11.0.0.0/8' }], addresses: ['10.0.0.1', '10.0.0.2'] };
    const slices = [
      slice({ any: false, cidrs: [block], addresses: ['10.0.0.2'] }, everything),
      slice(of('10.0.0.9'), everything),
    ];
    expect(keepStored({ from: wanted, to: everything }, slices)).toEqual({
      from: { any: false, cidrs: [block], addresses: ['10.0.0.2'] },
      to: everything,
    });
  });
});
