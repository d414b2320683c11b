// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FirewallSpec } from '../../../api/index.ts';
import { selectorKey } from '../../../api/selector-key.ts';
import { ruleName } from '../../../functions/firewall/names.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { SetReader } from '../../../functions/firewall/sets.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, macOf, makeBed } from './bed.ts';
import { Model, type Pods } from './model.ts';
import { decodeFrame, encodeFrame, type Packet, rejectionKey } from './packets.ts';
import { conversations, SELECTORS, specs } from './random.ts';
import { missingForBed } from './shell.ts';

const PODS: Pods = {
  [selectorKey({ podSelector: SELECTORS[0] })]: { 11: ['10.0.0.1', 'fd00::1'], 12: ['10.0.0.2', 'fd00::2'] },
  [selectorKey({ podSelector: SELECTORS[1] })]: { 11: [], 12: ['10.0.0.1', '10.0.1.1', 'fd00:1::1'] },
};

const SELECTED = {
  data: {
    'peers.json': JSON.stringify({
      paths: [],
      selectors: Object.fromEntries(
        Object.entries(PODS).map(([key, paths]) => [
          key,
          Object.entries(paths).map(([path, addresses]) => ({ pathId: Number(path), addresses })),
        ]),
      ),
    }),
  },
};

/** What could be seen from outside: frames and counters. */
interface Observation {
  readonly forwarded: readonly string[];
  readonly rejected: readonly string[];
  readonly counters: Readonly<Record<string, number>>;
}

describe('firewall: what it means is what the kernel does', needs(missingForBed()), () => {
  let bed: Bed;
  let cases = 0;
  let renamed = 0;
  const shapes = new Set<string>();

  beforeAll(async () => {
    bed = await makeBed();
    await bed.table.open();
  });
  afterAll(async () => {
    console.info(`${cases} packets judged; kinds of lookups met: ${[...shapes].sort().join(' ')}`);
    await bed.close();
  });

  test('random rules judge random packets as the model does, through edit after edit', async () => {
    await fc.assert(
      fc.asyncProperty(specs, conversations, async (random, packets) => {
        const spec = withFreshRates(random);
        const before = await install(spec);
        const seen = await bed.exchange(packets.map(encodeFrame));
        const after = await bed.counters();
        cases += packets.length;
        const counters = new Map(
          [...after].map(([name, value]) => [name, value.packets - (before.get(name)?.packets ?? 0)]),
        );
        expect(observe(seen, counters)).toEqual(predict(spec, packets));
      }),
      { numRuns: 80, endOnFailure: false, interruptAfterTimeLimit: 100_000 },
    );
    expect(cases).toBeGreaterThan(500);
  }, 180_000);

  /** What a rule has spent of its rate outlives edits: a rule that was there before would not start afresh. */
  function withFreshRates(spec: FirewallSpec): FirewallSpec {
    renamed += 1;
    const rules = (spec.rules ?? []).map((rule) =>
      rule.rate ? { ...rule, name: `${rule.name}-${renamed}` } : rule,
    );
    return { ...spec, rules };
  }

  async function install(spec: FirewallSpec): ReturnType<Bed['counters']> {
    const { sets, missing } = new SetReader().resolve(spec, {
      configMaps: new Map(),
      selectedPods: SELECTED,
    });
    expect(missing).toEqual([]);
    const ruleset = renderRuleset(spec, sets);
    for (const name of ruleset.sets.keys())
      shapes.add(name.replace(/^v\d-level\d+-/, '').replace(/-r\d+-.*$/, ''));
    await bed.table.apply(ruleset);
    await bed.forgetFlows();
    return bed.counters();
  }
});

function predict(spec: FirewallSpec, packets: readonly Packet[]): Observation {
  const model = new Model(spec, PODS);
  const forwarded: string[] = [];
  const rejected: string[] = [];
  const counters = new Map<string, number>();
  for (const packet of packets) {
    const { verdict, counted } = model.judge(packet);
    const mac = macOf(packet.context);
    if (verdict === 'Accept') forwarded.push(`${packet.id} ${mac}`);
    // Nobody answers an ICMP error with another.
    if (verdict === 'Reject' && !isIcmpError(packet))
      rejected.push(`${answerTo(packet)} ${rejectionKey(packet)} ${mac}`);
    if (counted !== undefined) {
      const name = counted.includes('-action') || counted.includes('-state') ? counted : ruleName(counted);
      counters.set(name, (counters.get(name) ?? 0) + 1);
    }
  }
  return { forwarded, rejected: rejected.sort(), counters: Object.fromEntries([...counters].sort()) };
}

function answerTo(packet: Packet): string {
  return packet.protocol === 'TCP' ? 'Reset' : 'Icmp';
}

function isIcmpError(packet: Packet): boolean {
  return (
    (packet.protocol === 'ICMP' && packet.icmpType === 3) ||
    (packet.protocol === 'ICMPv6' && packet.icmpType === 1)
  );
}

function observe(frames: readonly string[], counters: ReadonlyMap<string, number>): Observation {
  const seen = frames.map(decodeFrame);
  return {
    forwarded: seen.flatMap((each) =>
      each.kind === 'Forwarded' ? [`${each.id} ${each.mac}`] : each.kind === 'Strange' ? [each.frame] : [],
    ),
    rejected: seen
      .flatMap((each) => (each.kind === 'Rejected' ? [`${each.answer} ${each.key} ${each.mac}`] : []))
      .sort(),
    counters: Object.fromEntries([...counters].filter(([, packets]) => packets > 0).sort()),
  };
}
