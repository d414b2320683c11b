// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FirewallRule, FirewallSpec } from '../../../api/index.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { SetReader, type TextObject } from '../../../functions/firewall/sets.ts';
import type { Ruleset } from '../../../functions/shared/nft/ruleset.ts';
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

/** Renders firewalls whose set `bad` is the text of a ConfigMap, as one instance reads its versions. */
function listRenderer(): (rules: readonly FirewallRule[], text: string, version: string) => Ruleset {
  const reader = new SetReader();
  return (rules, text, version) => {
    const firewall = spec(rules, [{ name: 'bad', configMapRef: { name: 'bad', key: 'list.gz' } }]);
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
      const render = listRenderer();
      const began = performance.now();
      const first = render(rules, lines.join('\n'), '1');
      const rendered = performance.now();
      await bed.table.apply(first);
      const applied = performance.now();
      const next = render(rules, [...lines.slice(3), good].join('\n'), '2');
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

  for (const [family, range, inside] of [
    ['IPv4', (i: number) => `${20 + (i >> 15)}.${(i >> 7) & 255}.${(i & 127) * 2}.0/24`, '7'],
    ['IPv6', (i: number) => `fd01:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::/64`, '7'],
  ] as const) {
    test(`half of 100,000 ${family} ranges are exchanged, and then a rule comes first, within seconds and with all counters`, async () => {
      const rules: FirewallRule[] = [
        { name: `blocked-${family.toLowerCase()}`, action: 'Drop', source: { set: 'bad' } },
        { name: 'rest', action: 'Accept' },
      ];
      const ranges = Array.from({ length: ENTRIES * 1.5 }, (_, i) => range(i));
      const within = (i: number): string => ranges[i]!.replace(/(?<=[.:])0?\/.*/, inside);
      const render = listRenderer();
      await bed.table.apply(render(rules, ranges.slice(0, ENTRIES).join('\n'), '1'));
      const ask = (): Promise<readonly number[]> =>
        forwarded([0, 1, ENTRIES - 1, ENTRIES, ENTRIES * 1.5 - 1].map((i, id) => probe(within(i), id)));
      expect(await ask()).toEqual([3, 4]);
      // Every second one of the first 100,000 goes, and 50,000 others come.
      const others = ranges.filter((_, i) => i >= ENTRIES || i % 2 === 0).join('\n');
      const began = performance.now();
      await bed.table.apply(render(rules, others, '2'));
      const exchanged = performance.now();
      await bed.forgetFlows();
      expect(await ask()).toEqual([1, 2]);
      const emergency: FirewallRule = {
        name: 'emergency',
        action: 'Drop',
        source: { cidrs: [ranges[1]!] },
      };
      const decided = performance.now();
      await bed.table.apply(render([emergency, ...rules], others, '2'));
      const inForce = performance.now();
      await bed.forgetFlows();
      expect(await ask()).toEqual([2]);
      const counters = await bed.counters();
      expect(counters.get(`rule-blocked-${family.toLowerCase()}`)?.packets).toBe(3 + 3 + 3);
      expect(counters.get('rule-emergency')?.packets).toBe(1);
      const took = { exchangeMs: Math.round(exchanged - began), ruleMs: Math.round(inForce - decided) };
      console.info(family, took);
      expect(took.exchangeMs).toBeLessThan(2000 * PATIENCE);
      expect(took.ruleMs).toBeLessThan(500 * PATIENCE);
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

  test('half of 10,000 rules with ranges are exchanged within seconds', async () => {
    const rules = Array.from(
      { length: 15_000 },
      (_, i): FirewallRule => ({
        name: `range-${i}`,
        action: i === 12_345 ? 'Drop' : 'Accept',
        protocol: 'UDP',
        source: { cidrs: [`10.${100 + (i >> 8)}.${i & 255}.3-10.${100 + (i >> 8)}.${i & 255}.9`] },
        destinationPorts: [`${50 + (i % 5)}-${60 + (i % 5)}`],
      }),
    );
    await bed.table.apply(renderRuleset(spec(rules.slice(0, 10_000)), new Map()));
    const began = performance.now();
    const others = rules.filter((_, i) => i >= 10_000 || i % 2 === 0);
    await bed.table.apply(renderRuleset(spec(others), new Map()));
    const exchangeMs = Math.round(performance.now() - began);
    console.info({ exchangeMs });
    const source = (i: number): string => `10.${100 + (i >> 8)}.${i & 255}.4`;
    expect(
      await forwarded([0, 1, 9999, 10_000, 12_345, 14_999].map((i, id) => probe(source(i), id, 57))),
    ).toEqual([0, 3, 5]);
    expect(exchangeMs).toBeLessThan(5000 * PATIENCE);
  }, 180_000);
});
