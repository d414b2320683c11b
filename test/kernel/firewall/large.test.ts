// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FirewallRule, FirewallSpec } from '../../../api/index.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { SetReader, type TextObject } from '../../../functions/firewall/sets.ts';
import { diffRulesets } from '../../../functions/shared/nft/transaction.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, makeBed } from './bed.ts';
import { decodeFrame, encodeFrame, type Packet } from './packets.ts';
import { missingForBed } from './shell.ts';

const ENTRIES = 100_000;
/** A busy machine with two processors takes several times what an idle one does. */
const PATIENCE = 10;

function spec(rules: readonly FirewallRule[], sets: FirewallSpec['sets'] = []): FirewallSpec {
  return { replicas: 1, drainSeconds: 30, stateful: true, defaultAction: 'Drop', rules, sets };
}

function probe(source: string, id: number, destinationPort = 53): Packet {
  return {
    context: { path: 11 },
    source,
    destination: source.includes(':') ? 'fdff::2' : '172.16.0.2',
    protocol: 'UDP',
    sourcePort: 1000,
    destinationPort,
    icmpType: 8,
    id,
  };
}

describe('firewall: large', needs(missingForBed()), () => {
  let bed: Bed;

  beforeAll(async () => {
    bed = await makeBed();
    await bed.table.open();
  });
  afterAll(() => bed.close());

  const forwarded = async (packets: readonly Packet[]): Promise<readonly number[]> =>
    (await bed.exchange(packets.map(encodeFrame)))
      .map(decodeFrame)
      .flatMap((seen) => (seen.kind === 'Forwarded' ? [seen.id] : []));

  for (const [family, address, good] of [
    ['IPv4', (i: number) => `10.${i >> 15}.${(i >> 7) & 255}.${(i & 127) * 2}`, '192.168.0.1'],
    ['IPv6', (i: number) => `fd00:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1`, 'fdaa::1'],
  ] as const) {
    test(`a list of 100,000 ${family} addresses is one reference, and a change of it costs what changed`, async () => {
      const lines = Array.from({ length: ENTRIES }, (_, i) => address(i));
      const rules: FirewallRule[] = [
        { name: 'blocked', action: 'Drop', source: { set: 'bad' } },
        { name: 'rest', action: 'Accept' },
      ];
      const firewall = spec(rules, [{ name: 'bad', configMapRef: { name: 'bad', key: 'list.gz' } }]);
      const reader = new SetReader();
      const render = (text: string, version: string): ReturnType<typeof renderRuleset> => {
        const map: TextObject = {
          metadata: { uid: 'u', resourceVersion: version },
          binaryData: { 'list.gz': gzipSync(text).toString('base64') },
        };
        const { sets, missing } = reader.resolve(firewall, {
          configMaps: new Map([['bad', map]]),
          selectedPods: undefined,
        });
        expect(missing).toEqual([]);
        return renderRuleset(firewall, sets);
      };
      const began = performance.now();
      const first = render(lines.join('\n'), '1');
      const rendered = performance.now();
      await bed.table.apply(first);
      const applied = performance.now();
      const next = render([...lines.slice(3), good].join('\n'), '2');
      const again = performance.now();
      expect(diffRulesets(first, next).length).toBeLessThan(500);
      await bed.table.apply(next);
      const changed = performance.now();
      console.info(family, {
        readMs: Math.round(rendered - began),
        loadMs: Math.round(applied - rendered),
        readAgainMs: Math.round(again - applied),
        changeMs: Math.round(changed - again),
      });
      expect(
        await forwarded([
          probe(address(0), 1),
          probe(address(3), 2),
          probe(address(99_999), 3),
          probe(good, 4),
        ]),
      ).toEqual([1]);
      expect(applied - rendered).toBeLessThan(3000 * PATIENCE);
    }, 180_000);
  }

  test('10,000 rules load in one transaction within seconds, judge first and last alike, and one edit is small', async () => {
    const rules = Array.from(
      { length: 10_000 },
      (_, i): FirewallRule => ({
        name: `rule-${i}`,
        action: i % 2 ? 'Drop' : 'Accept',
        protocol: 'UDP',
        source: { cidrs: [`10.${100 + (i >> 8)}.${i & 255}.0/${24 + (i % 3)}`] },
        destinationPorts: [53 + (i % 5)],
      }),
    );
    const began = performance.now();
    const ruleset = renderRuleset(spec(rules), new Map());
    const rendered = performance.now();
    await bed.table.apply(ruleset);
    const loaded = performance.now();
    const edited = renderRuleset(spec([...rules.slice(0, 5000), ...rules.slice(5001)]), new Map());
    const again = performance.now();
    await bed.table.apply(edited);
    const changed = performance.now();
    console.info({
      renderMs: Math.round(rendered - began),
      loadMs: Math.round(loaded - rendered),
      editMs: Math.round(changed - again),
    });
    const source = (i: number): string => `10.${100 + (i >> 8)}.${i & 255}.9`;
    const ask = (i: number, id: number): Packet => probe(source(i), id, 53 + (i % 5));
    expect(await forwarded([ask(0, 1), ask(1, 2), ask(5000, 3), ask(9998, 4), ask(9999, 5)])).toEqual([1, 4]);
    expect(loaded - began).toBeLessThan(5000 * PATIENCE);
    expect(diffRulesets(ruleset, edited).length).toBeLessThan(500);
  }, 180_000);
});
