// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChainPort, ServiceChain } from '../../../../../api/index.ts';
import { PrecedenceBook } from '../../../../../operator/compile/chain/precedence.ts';
import type { CidrBlock, End } from '../../../../../operator/compile/chain/types.ts';

const everything: End = { any: true, cidrs: [], addresses: [] };
const addresses = (...list: string[]): End => ({ any: false, cidrs: [], addresses: list });
const blocks = (...list: CidrBlock[]): End => ({ any: false, cidrs: list, addresses: [] });

interface Sketch {
  readonly priority?: number;
  readonly createdAt?: string;
  readonly ports?: readonly ChainPort[];
  readonly from?: End;
  readonly to?: End;
}

function place(book: PrecedenceBook, name: string, sketch: Sketch) {
  const { from = everything, to = everything } = sketch;
  return book.place({ key: `n/${name}`, network: 'n/shop', chain: chainOf(name, sketch), from, to });
}

function chainOf(name: string, sketch: Sketch): ServiceChain {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: { namespace: 'n', name, creationTimestamp: sketch.createdAt ?? '2026-11-23T15:00:00Z' },
    spec: {
      network: 'shop',
      priority: sketch.priority ?? 1000,
      establishedFlows: 'Through',
      functions: [],
      ...(sketch.ports ? { ports: sketch.ports } : {}),
    },
  };
}

/** Whether a chain of higher priority hides another. */
function hides(upper: Sketch, lower: Sketch): boolean {
  const book = new PrecedenceBook();
  place(book, 'upper', { ...upper, priority: 2000 });
  return place(book, 'lower', lower).shadowedBy === 'n/upper';
}

describe('a chain is shadowed', () => {
  test('when one of higher priority takes the same flows', () => {
    expect(hides({}, {})).toBe(true);
  });

  test('by the older of two of one priority, whichever was looked at first', () => {
    const old = { createdAt: '2026-11-23T14:00:00Z' };
    const book = new PrecedenceBook();
    expect(place(book, 'young', {})).toEqual({ shadowedBy: undefined, affected: [] });
    expect(place(book, 'old', old)).toEqual({ shadowedBy: undefined, affected: ['n/young'] });
    expect(place(book, 'young', {}).shadowedBy).toBe('n/old');
  });

  test('when its ports are inside the ranges of the other', () => {
    const upper = { ports: [{ protocol: 'TCP', port: 80, endPort: 90 }, { protocol: 'ICMP' }] } as const;
    expect(hides(upper, { ports: [{ protocol: 'TCP', port: 85 }] })).toBe(true);
    expect(hides(upper, { ports: [{ protocol: 'ICMP' }, { protocol: 'TCP', port: 80 }] })).toBe(true);
    expect(hides(upper, { ports: [{ protocol: 'TCP', port: 85, endPort: 91 }] })).toBe(false);
    expect(hides(upper, { ports: [{ protocol: 'UDP', port: 85 }] })).toBe(false);
    expect(hides(upper, {})).toBe(false);
  });

  test('when two ranges of the other together hold its own', () => {
    const upper = blocks({ cidr: '10.0.0.0/9' }, { cidr: '10.128.0.0/9' });
    expect(hides({ from: upper }, { from: blocks({ cidr: '10.0.0.0/8' }) })).toBe(true);
  });

  test('not when an exception of the other lets some of it through', () => {
    const upper = { from: blocks({ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }) };
    expect(hides(upper, { from: addresses('10.1.0.7') })).toBe(false);
    expect(hides(upper, { from: addresses('10.2.0.7') })).toBe(true);
    expect(hides(upper, { from: blocks({ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }) })).toBe(true);
  });

  test('not when one end is larger', () => {
    const upper = { from: addresses('10.0.0.1'), to: addresses('10.0.0.2') };
    expect(hides(upper, { ...upper, to: addresses('10.0.0.2', '10.0.0.3') })).toBe(false);
    expect(hides(upper, upper)).toBe(true);
  });

  test('not by equal numbers of the other family', () => {
    expect(hides({ from: addresses('::a00:1') }, { from: addresses('10.0.0.1') })).toBe(false);
  });

  test('not while it takes no flow at all', () => {
    expect(hides({}, { from: addresses() })).toBe(false);
  });

  test('by the one of highest precedence, in whatever order the chains and their passes come', () => {
    const sketches = [
      { priority: 4000 },
      { priority: 3000, createdAt: '2026-11-23T14:00:00Z' },
      { priority: 3000, ports: [{ protocol: 'TCP' }] },
      { priority: 2000, ports: [{ protocol: 'TCP', port: 80 }] },
      { priority: 1000 },
    ] as const;
    const names = sketches.map((_, at) => `c${at}`);
    fc.assert(
      fc.property(fc.shuffledSubarray([...names.keys()], { minLength: names.length }), (order) => {
        const book = new PrecedenceBook();
        const found = new Map<string, string | undefined>();
        const queue = [...order];
        while (queue.length > 0) {
          const at = queue.shift()!;
          const { shadowedBy, affected } = place(book, names[at]!, sketches[at]!);
          found.set(names[at]!, shadowedBy);
          for (const key of affected) queue.push(names.indexOf(key.replace('n/', '')));
        }
        expect(names.map((name) => found.get(name))).toEqual([undefined, 'n/c0', 'n/c0', 'n/c0', 'n/c0']);
      }),
    );
  });

  test('by another one when the first one gets a lower priority', () => {
    const book = new PrecedenceBook();
    place(book, 'first', { priority: 3000 });
    place(book, 'second', { priority: 2000 });
    expect(place(book, 'lower', {}).shadowedBy).toBe('n/first');
    expect(place(book, 'first', { priority: 1500 }).affected).toEqual(['n/second', 'n/lower']);
    expect(place(book, 'lower', {}).shadowedBy).toBe('n/second');
  });

  test('no longer when an end of the other is narrowed, whichever end', () => {
    for (const side of ['from', 'to'] as const) {
      const book = new PrecedenceBook();
      place(book, 'upper', { priority: 2000 });
      place(book, 'lower', {});
      const narrowed = { priority: 2000, [side]: addresses('10.0.0.1') };
      expect([side, place(book, 'upper', narrowed).affected]).toEqual([side, ['n/lower']]);
      expect([side, place(book, 'lower', {}).shadowedBy]).toEqual([side, undefined]);
      // And again when it takes everything again.
      expect([side, place(book, 'upper', { priority: 2000 }).affected]).toEqual([side, ['n/lower']]);
    }
  });

  test('and a change that leaves this as it is asks for no pass', () => {
    const book = new PrecedenceBook();
    place(book, 'first', { priority: 3000 });
    place(book, 'lower', {});
    // Another one hides it too, of lower precedence than the first.
    expect(place(book, 'second', { priority: 2000 }).affected).toEqual([]);
    place(book, 'lower', {});
    // The first is still first.
    expect(place(book, 'first', { priority: 2500 }).affected).toEqual([]);
    // One that comes before all asks for the passes, and nobody asks for them again.
    expect(place(book, 'top', { priority: 4000 }).affected).toEqual(['n/first', 'n/lower', 'n/second']);
    expect(place(book, 'first', { priority: 2500 }).affected).toEqual([]);
  });

  test('no longer when the other is gone, and the book says that it must be looked at', () => {
    const book = new PrecedenceBook();
    place(book, 'upper', { priority: 2000 });
    place(book, 'lower', {});
    place(book, 'other', { priority: 3000, ports: [{ protocol: 'TCP', port: 80 }] });
    expect(book.remove('n/upper')).toEqual(['n/lower']);
    expect(place(book, 'lower', {}).shadowedBy).toBeUndefined();
    // Those that are left still count.
    expect(place(book, 'lower', { ports: [{ protocol: 'TCP', port: 80 }] }).shadowedBy).toBe('n/other');
  });

  test('no longer when the other takes less, and the book says that it must be looked at', () => {
    const book = new PrecedenceBook();
    place(book, 'upper', { priority: 2000 });
    place(book, 'lower', {});
    const narrowed = place(book, 'upper', { priority: 2000, ports: [{ protocol: 'TCP', port: 80 }] });
    expect(narrowed.affected).toEqual(['n/lower']);
  });
});

test('a chain that came anew on another network hides nobody where it was before', () => {
  const book = new PrecedenceBook();
  const at = (network: string, name: string, priority: number) =>
    book.place({
      key: `n/${name}`,
      network,
      chain: chainOf(name, { priority }),
      from: everything,
      to: everything,
    });
  at('n/shop', 'wide', 2000);
  expect(at('n/shop', 'narrow', 1000).shadowedBy).toBe('n/wide');
  expect(at('n/office', 'wide', 2000).affected).toEqual(['n/narrow']);
  expect(at('n/shop', 'narrow', 1000).shadowedBy).toBeUndefined();
  expect(book.remove('n/wide')).toEqual([]);
});
