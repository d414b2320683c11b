// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FirewallSpec } from '../../../api/index.ts';
import { selectorKey } from '../../../api/selector-key.ts';
import { ruleName } from '../../../functions/firewall/names.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { SetReader } from '../../../functions/firewall/sets.ts';
import { type AppliedRules, judge } from '../../../functions/firewall/verdict.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, macOf, makeBed } from './bed.ts';
import { decodeFrame, encodeFrame, type Packet } from './packets.ts';
import { conversations, SELECTORS, specs } from './random.ts';
import { missingForBed } from './shell.ts';
import { questionOf } from './verdict-question.ts';

const SELECTED = {
  data: {
    'peers.json': JSON.stringify({
      selectors: Object.fromEntries(
        SELECTORS.map((podSelector, i) => [
          selectorKey({ podSelector }),
          [
            { pathId: 11, addresses: ['10.0.0.1', 'fd00::1'] },
            { pathId: 12, addresses: [`10.0.0.${i + 2}`] },
          ],
        ]),
      ),
    }),
  },
};

describe('firewall: what /verdict says', needs(missingForBed()), () => {
  let bed: Bed;
  let judged = 0;

  beforeAll(async () => {
    bed = await makeBed();
    await bed.table.open();
  });
  afterAll(() => bed.close());

  test('is what the kernel does with the first packet of a flow, by the rule that it names', async () => {
    await fc.assert(
      fc.asyncProperty(specs, conversations, async (random, all) => {
        const rules = await install({ ...random, rules: (random.rules ?? []).filter(({ rate }) => !rate) });
        const packets = firstPackets(all);
        const before = await bed.counters();
        const frames = await bed.exchange(packets.map(encodeFrame));
        const after = await bed.counters();
        const counted = [...after].flatMap(([name, { packets: count }]): [string, number][] => {
          const grown = count - (before.get(name)?.packets ?? 0);
          return grown > 0 ? [[name, grown]] : [];
        });
        const seen = frames.map(decodeFrame);
        const forwarded = seen.flatMap((each) =>
          each.kind === 'Forwarded' ? [`${each.id} ${each.mac}`] : [],
        );
        expect({ forwarded, counted: Object.fromEntries(counted.sort()) }).toEqual(predict(rules, packets));
        judged += packets.length;
      }),
      { numRuns: 40, endOnFailure: false, interruptAfterTimeLimit: 60_000 },
    );
    expect(judged).toBeGreaterThan(200);
  }, 120_000);

  async function install(spec: FirewallSpec): Promise<AppliedRules> {
    const { sets, missing } = new SetReader().resolve(spec, {
      configMaps: new Map(),
      selectedPods: SELECTED,
    });
    expect(missing).toEqual([]);
    await bed.table.apply(renderRuleset(spec, sets));
    await bed.forgetFlows();
    return { generation: 1, spec, sets };
  }
});

/** One packet a flow: what follows is judged by the state, which nobody asked about. */
function firstPackets(all: readonly Packet[]): readonly Packet[] {
  const known = new Set<string>();
  return all.filter((packet) => {
    if (packet.context.probe || packet.context.reply || packet.flags === 'SYN-ACK') return false;
    const ends = [packet.source, packet.destination].sort().join(' ');
    const key = `${packet.context.path} ${packet.protocol} ${ends}`;
    return !known.has(key) && known.add(key);
  });
}

function predict(rules: AppliedRules, packets: readonly Packet[]): unknown {
  const counted = new Map<string, number>();
  const forwarded: string[] = [];
  for (const packet of packets) {
    const { action, by } = judge(rules, questionOf(packet));
    if (action === 'Accept') forwarded.push(`${packet.id} ${macOf(packet.context)}`);
    const name = {
      Rule: by.kind === 'Rule' ? ruleName(by.name) : '',
      Default: 'default-action',
      Invalid: 'invalid-state',
    }[by.kind];
    counted.set(name, (counted.get(name) ?? 0) + 1);
  }
  return { forwarded, counted: Object.fromEntries([...counted].sort()) };
}
