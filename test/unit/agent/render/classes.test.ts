// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { type Chain, comparePrecedence } from '../../../../agent/render/chain.ts';
import { type ClassOf, classify, elementaryPrefixes, NO_CLASS } from '../../../../agent/render/classes.ts';
import { prefixKey } from '../../../../agent/render/keys.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedHost, mappedPrefix } from '../../../../api/net/mapped.ts';
import { parsePrefix } from '../../../../api/net/prefix.ts';
import { addresses, any, chain, cidr, VNI } from './fixtures.ts';

const host = (text: string) => mappedHost(parseAddress(text));
const range = (text: string) => mappedPrefix(parsePrefix(text));

/** The ends at which an address is: `1F` is the `from` of path 1. */
function endsOf(classOf: ClassOf, address: string): string {
  return classOf(host(address))
    .chains.map(({ chain: { pathId }, from, to }) => `${pathId}${from ? 'F' : ''}${to ? 'T' : ''}`)
    .join();
}
const of = (...chains: readonly Chain[]): ClassOf => classify(VNI, [...chains].sort(comparePrecedence));

describe('an address is in the end of a chain', () => {
  test('whose range has it, with a prefix of any length', () => {
    for (let length = 1; length <= 32; length++) {
      const size = 1n << BigInt(32 - length);
      const first = parseAddress('10.20.0.168').value & ~(size - 1n);
      const from = cidr(`${dotted(first)}/${length}`);
      const classOf = of(chain({ pathId: 1, from, to: addresses(9) }));
      const [before, last, behind] = [first - 1n, first + size - 1n, first + size];
      const found = [first, last, behind].map((value) => endsOf(classOf, dotted(value)).replace('1T', ''));
      expect([length, ...found]).toEqual([length, '1F', '1F', '']);
      if (first > 0n) expect(endsOf(classOf, dotted(before))).toBe('');
    }
  });

  test('but not if an exception of the range has it, unless another range of the end does', () => {
    const from = cidr('10.20.0.0/16', '10.20.1.0/24', '10.20.2.8/29');
    const classOf = of(chain({ pathId: 1, from, to: addresses(9) }));
    expect(endsOf(classOf, '10.20.0.255')).toBe('1F');
    expect(endsOf(classOf, '10.20.1.0')).toBe('');
    expect(endsOf(classOf, '10.20.2.7')).toBe('1F');
    expect(endsOf(classOf, '10.20.2.8')).toBe('');
    expect(endsOf(classOf, '10.20.2.16')).toBe('1F');
    const both = { any: false, cidrs: [...from.cidrs!, { cidr: '10.20.1.0/25' }] };
    const wider = of(chain({ pathId: 1, from: both, to: addresses(9) }));
    expect(endsOf(wider, '10.20.1.127')).toBe('1F');
    expect(endsOf(wider, '10.20.1.128')).toBe('');
  });

  test('that names it beside its range or its exception', () => {
    const from = { any: false, cidrs: cidr('10.20.0.0/28', '10.20.0.4/30').cidrs!, addresses: ['10.20.0.5'] };
    const classOf = of(chain({ pathId: 1, from, to: any }));
    expect(endsOf(classOf, '10.20.0.5')).toBe('1FT');
    expect(endsOf(classOf, '10.20.0.4')).toBe('1T');
  });

  test('that names everything, over both IP families', () => {
    const classOf = of(chain({ pathId: 1, from: any, to: addresses(9) }));
    expect(endsOf(classOf, '192.0.2.1')).toBe('1F');
    expect(endsOf(classOf, 'fd20::7')).toBe('1F');
    expect(endsOf(classOf, '10.20.0.9')).toBe('1FT');
  });

  test('of every chain that has it, in order of precedence', () => {
    const classOf = of(
      chain({ pathId: 1, from: addresses(1), to: any, priority: 5 }),
      chain({ pathId: 2, from: cidr('10.20.0.0/30'), to: any, priority: 7 }),
    );
    expect(endsOf(classOf, '10.20.0.1')).toBe('2FT,1FT');
  });

  test('of every chain that names it, and of both ends of one chain', () => {
    const classOf = of(
      chain({ pathId: 1, from: addresses(1, 2), to: addresses(2), priority: 9 }),
      chain({ pathId: 2, from: addresses(2), to: addresses(1), priority: 7 }),
    );
    expect(endsOf(classOf, '10.20.0.1')).toBe('1F,2T');
    expect(endsOf(classOf, '10.20.0.2')).toBe('1FT,2F');
  });
});

describe('classes of a network', () => {
  const first = chain({ pathId: 1, from: addresses(1), to: addresses(9), priority: 9 });

  test('follow an edit of any chain, not only of the one with the highest precedence', () => {
    const before = of(first, chain({ pathId: 2, from: addresses(2), to: addresses(9), priority: 1 }));
    expect(endsOf(before, '10.20.0.2')).toBe('2F');
    const after = of(first, chain({ pathId: 2, from: addresses(3), to: addresses(9), priority: 1 }));
    expect([endsOf(after, '10.20.0.2'), endsOf(after, '10.20.0.3')]).toEqual(['', '2F']);
    const more = of(
      first,
      chain({ pathId: 2, from: addresses(3), to: addresses(9), priority: 1 }),
      chain({ pathId: 3, from: any, to: any, priority: 0 }),
    );
    expect(endsOf(more, '10.20.0.3')).toBe('2F,3FT');
    expect(endsOf(of(first), '10.20.0.3')).toBe('');
  });

  test('are not those of another network that has the same chain object', () => {
    const ids = [VNI, VNI + 1].map((vni) => classify(vni, [first])(host('10.20.0.1')).id);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('have ids that only the ends decide, not ports, priority or the order of chains', () => {
    const id = (classOf: ClassOf) => classOf(host('10.20.0.1')).id;
    const other = chain({ pathId: 2, from: any, to: any, priority: 1 });
    const edited = chain({ ...{ pathId: 1, from: addresses(1), to: addresses(9) }, priority: 0, hops: 3 });
    expect(id(of(first, other))).toBe(id(of(edited, other)));
    expect(id(of(first, other))).not.toBe(id(of(first)));
  });

  test('distinguish every end of every chain, and the backends of its load balancers', () => {
    const peers = (index: number) => ({
      any: false,
      cidrs: [],
      addresses: new Set([prefixKey(host(`10.20.0.${index}`))]),
    });
    const chains = [0, 1, 2, 3].map((position) => ({
      ...chain({ pathId: position + 1, from: any, to: any, priority: 9 - position }),
      from: peers(3 * position + 1),
      to: peers(3 * position + 2),
      behind: peers(3 * position + 3),
    }));
    const classOf = of(...chains);
    const found = Array.from({ length: 12 }, (_, at) =>
      classOf(host(`10.20.0.${at + 1}`)).chains.map(({ chain: { pathId }, from, to, behind }) => [
        pathId,
        from ? 'from' : to ? 'to' : behind ? 'behind' : 'none',
      ]),
    );
    const wanted = [1, 2, 3, 4].flatMap((path) => ['from', 'to', 'behind'].map((side) => [[path, side]]));
    expect(found).toEqual(wanted);
  });

  test('are none where no chain names an address, or there is no chain', () => {
    expect(of(first)(host('10.20.0.3'))).toBe(NO_CLASS);
    expect(of()(host('10.20.0.1'))).toBe(NO_CLASS);
  });
});

test('a class may change at every range that a chain names, and at each exception', () => {
  const one = chain({ pathId: 1, from: cidr('10.20.0.0/16', '10.20.1.0/24'), to: any });
  const two = chain({ pathId: 2, from: cidr('10.20.1.0/24'), to: addresses(1) });
  expect(elementaryPrefixes([one, two])).toEqual([
    range('10.20.0.0/16'),
    range('10.20.1.0/24'),
    range('::/0'),
  ]);
});

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}
