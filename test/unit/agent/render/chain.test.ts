// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { assembleChain, type Chain, comparePrecedence } from '../../../../agent/render/chain.ts';
import { prefixKey } from '../../../../agent/render/keys.ts';
import type { ChainEnd, ChainSlice } from '../../../../api/index.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedHost, mappedPrefix } from '../../../../api/net/mapped.ts';
import { parsePrefix } from '../../../../api/net/prefix.ts';
import { renderSlice } from '../../../kernel/world/resources.ts';
import { addresses, any, cidr, VNI } from './fixtures.ts';

const keyOf = (text: string) => prefixKey(mappedHost(parseAddress(text)));
const prefix = (text: string) => mappedPrefix(parsePrefix(text));

function slice(index: number, from: ChainEnd, more: Partial<ChainSlice['spec']> = {}): ChainSlice {
  const plan = { name: 'web', network: 'shop', pathId: 7, hops: [], from, to: any };
  const made = renderSlice(plan, { vni: VNI, ports: [] });
  return { ...made, spec: { ...made.spec, slice: index, ...more } };
}
const assemble = (...slices: readonly ChainSlice[]): Chain => assembleChain('test/web', slices)!;

describe('a chain is assembled', () => {
  test('from the ends of all its slices, and the other fields of the first', () => {
    const chain = assemble(
      slice(1, addresses(2), { priority: 1, ports: [{ protocol: 'UDP' }], straight: true }),
      slice(0, addresses(1), { priority: 9, ports: [{ protocol: 'TCP', port: 80 }] }),
    );
    expect(chain.from.addresses).toEqual(new Set([keyOf('10.20.0.1'), keyOf('10.20.0.2')]));
    expect(chain).toMatchObject({ priority: 9, ports: [{ port: 80 }], straight: false, pathId: 7 });
  });

  test('with the exceptions of its ranges', () => {
    const { from } = assemble(slice(0, cidr('10.20.0.0/16', '10.20.1.0/24', '10.20.2.0/25')));
    expect(from.cidrs).toEqual([
      { cidr: prefix('10.20.0.0/16'), except: [prefix('10.20.1.0/24'), prefix('10.20.2.0/25')] },
    ]);
  });

  test('only when its first slice is there', () => {
    expect(assembleChain('test/web', [slice(1, any)])).toBeUndefined();
  });

  test('as everything when one slice says so, and as nothing when all are empty', () => {
    expect(assemble(slice(0, { any: false }), slice(1, any)).from.any).toBe(true);
    const { from } = assemble(slice(0, { any: false }), slice(1, { any: false }));
    expect(from).toEqual({ any: false, cidrs: [], addresses: new Set() });
  });

  test('anew when a slice other than the first is replaced', () => {
    const head = slice(0, addresses(1));
    expect(assemble(head, slice(1, addresses(2))).from.addresses).toContain(keyOf('10.20.0.2'));
    const after = assemble(head, slice(1, addresses(3)));
    expect(after.from.addresses).toEqual(new Set([keyOf('10.20.0.1'), keyOf('10.20.0.3')]));
    expect(assemble(head).from.addresses).toEqual(new Set([keyOf('10.20.0.1')]));
  });
});

describe('of two chains that match a flow', () => {
  const one = (key: string, priority: number, createdAt: string): Chain => ({
    ...assemble(slice(0, any, { priority, createdAt })),
    key,
  });
  const first = (...chains: readonly Chain[]) => [...chains].sort(comparePrecedence)[0]?.key;
  const [OLD, NEW] = ['2026-11-30T10:00:00Z', '2026-11-30T10:00:01Z'];

  test('the one with the higher priority takes it, however young', () => {
    expect(first(one('a', 1, OLD), one('b', 2, NEW))).toBe('b');
    expect(first(one('b', 2, NEW), one('a', 1, OLD))).toBe('b');
  });

  test('the older one takes it at equal priority, whatever their names', () => {
    expect(first(one('a', 1, NEW), one('b', 1, OLD))).toBe('b');
    expect(first(one('b', 1, OLD), one('a', 1, NEW))).toBe('b');
  });

  test('the first by name takes it when they are of one second', () => {
    expect(first(one('b', 1, OLD), one('a', 1, OLD))).toBe('a');
    expect(first(one('a', 1, OLD), one('b', 1, OLD))).toBe('a');
    expect(comparePrecedence(one('a', 1, OLD), one('a', 1, OLD))).toBe(0);
  });
});
