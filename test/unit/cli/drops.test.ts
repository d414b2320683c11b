// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dropReasons as ofKernel } from '../../../api/context/generated/context.ts';
import { parseInterval } from '../../../cli/drops/drops.ts';
import { formatDrops } from '../../../cli/drops/print.ts';
import { computeRates } from '../../../cli/drops/rates.ts';
import { dropReasons, formatReasonsTable } from '../../../cli/drops/reasons.ts';
import type { Sample } from '../../../cli/drops/sample.ts';
import { plain } from '../../../cli/print/paint.ts';

function sample(at: number, drops: Record<string, number>, hopDrops: Record<string, number> = {}): Sample {
  const none = { packets: 0, bytes: 0 };
  const hop = {
    namespace: 'shop',
    chain: 'storefront',
    position: 1,
    function: 'Firewall/edge',
    forward: none,
    reply: none,
  };
  return {
    node: 'one',
    at,
    error: undefined,
    counters: { node: 'one', drops, down: [], hops: [{ ...hop, drops: hopDrops }] },
  };
}

describe('kubectl heddle drops', () => {
  test('tells what grew a second, by node and by hop, the fastest first', () => {
    const before = [sample(1000, { multicast: 100, hop_down: 10 }, { hop_down: 10 })];
    const after = [sample(3000, { multicast: 102, hop_down: 50 }, { hop_down: 50 })];
    expect(computeRates(before, after)).toEqual({
      nodes: [
        { node: 'one', reason: 'hop_down', packets: 50, perSecond: 20 },
        { node: 'one', reason: 'multicast', packets: 102, perSecond: 1 },
      ],
      hops: [
        {
          chain: 'shop/storefront',
          hop: '2 Firewall/edge',
          node: 'one',
          reason: 'hop_down',
          packets: 50,
          perSecond: 20,
        },
      ],
      silent: [],
    });
  });

  test('a counter that began anew, because a data path was loaded, is not negative', () => {
    const rates = computeRates([sample(0, { vlan: 100 })], [sample(1000, { vlan: 3 })]);
    expect(rates.nodes).toEqual([{ node: 'one', reason: 'vlan', packets: 3, perSecond: 3 }]);
  });

  test('a node that was silent before has no rate, and one that is silent now is named', () => {
    const silent: Sample = { node: 'two', at: 1000, counters: undefined, error: 'no route' };
    const rates = computeRates([], [sample(1000, { vlan: 3 }), silent]);
    expect(rates.nodes).toEqual([{ node: 'one', reason: 'vlan', packets: 3, perSecond: 0 }]);
    expect(rates.silent).toEqual([{ node: 'two', error: 'no route' }]);
    expect(formatDrops(rates, plain)).toContain('no answer from node two: no route');
  });

  test('is printed as tables, and each reason is explained once', () => {
    const text = formatDrops(
      computeRates(
        [sample(0, { hop_down: 0, multicast: 5 }, { hop_down: 0 })],
        [sample(1000, { hop_down: 12, multicast: 5 }, { hop_down: 12 })],
      ),
      plain,
    );
    expect(text).toBe(`NODE   REASON      PACKETS   PER SECOND
one    hop_down    12        12.0
one    multicast   5         0.0

CHAIN             HOP               NODE   REASON     PACKETS   PER SECOND
shop/storefront   2 Firewall/edge   one    hop_down   12        12.0

hop_down   ${dropReasons.hop_down!.means} -> ${dropReasons.hop_down!.todo}
multicast  ${dropReasons.multicast!.means}
`);
  });

  test('knows every reason that the kernel can give, and no other', () => {
    expect(Object.keys(dropReasons).sort()).toEqual(ofKernel.filter((reason) => reason !== 'none').sort());
  });

  test('the page on troubleshooting has the same table', () => {
    const page = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
    expect(page).toContain(formatReasonsTable());
  });

  test('an interval that is none is refused with what it may be', () => {
    expect(parseInterval('0.5')).toBe(500);
    for (const text of ['0', 'x', '-1', '']) expect(() => parseInterval(text)).toThrow('--interval');
  });
});
