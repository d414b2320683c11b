// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FirewallRule, FirewallSpec } from '../../../../api/index.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { selectorKey } from '../../../../api/selector-key.ts';
import { SetReader } from '../../../../functions/firewall/sets.ts';
import { type AppliedRules, judge } from '../../../../functions/firewall/verdict.ts';
import { parseQuestion, type VerdictQuestion } from '../../../../functions/firewall/verdict-question.ts';
import { Model, type Pods } from '../../../kernel/firewall/model.ts';
import { conversations, SELECTORS, specs } from '../../../kernel/firewall/random.ts';
import { questionOf } from '../../../kernel/firewall/verdict-question.ts';

const PODS: Pods = {
  [selectorKey({ podSelector: SELECTORS[0] })]: { 11: ['10.0.0.1', 'fd00::1'], 12: ['10.0.0.2', 'fd00::2'] },
  [selectorKey({ podSelector: SELECTORS[1] })]: { 11: [], 12: ['10.0.0.1', '10.0.1.1', 'fd00:1::1'] },
};

const SELECTED = {
  data: {
    'peers.json': JSON.stringify({
      selectors: Object.fromEntries(
        Object.entries(PODS).map(([key, paths]) => [
          key,
          Object.entries(paths).map(([path, addresses]) => ({ pathId: Number(path), addresses })),
        ]),
      ),
    }),
  },
};

function apply(
  spec: FirewallSpec,
  configMaps = new Map<string, { data: Record<string, string> }>(),
): AppliedRules {
  const { sets, missing } = new SetReader().resolve(spec, { configMaps, selectedPods: SELECTED });
  expect(missing).toEqual([]);
  return { generation: 3, spec, sets };
}

function firewall(rules: readonly FirewallRule[], more: Partial<FirewallSpec> = {}): AppliedRules {
  return apply({ replicas: 1, drainSeconds: 30, defaultAction: 'Drop', stateful: true, rules, ...more });
}

const WEB: VerdictQuestion = {
  path: 11,
  reply: false,
  protocol: 6,
  source: parseAddress('10.0.0.1'),
  destination: parseAddress('10.0.0.2'),
  sourcePort: 40000,
  destinationPort: 80,
  icmpType: 0,
};

describe('the verdict of a firewall on the first packet of a flow', () => {
  test('is what the model of a firewall says, for random rules and packets', () => {
    let asked = 0;
    fc.assert(
      fc.property(specs, conversations, (spec, packets) => {
        const rules = apply(spec);
        for (const packet of packets) {
          if (packet.context.probe || packet.flags === 'SYN-ACK') continue;
          // A model of its own for each: nothing is known of any flow, and no rate is spent.
          const expected = new Model(spec, PODS).judge(packet);
          const verdict = judge(rules, { ...questionOf(packet), reply: false });
          const first = verdict.rated[0];
          const by =
            verdict.by.kind === 'Rule'
              ? verdict.by.name
              : { Default: 'default-action', Invalid: 'invalid-state' }[verdict.by.kind];
          expect({ verdict: first?.action ?? verdict.action, counted: first?.name ?? by }).toEqual(expected);
          asked += 1;
        }
      }),
      { numRuns: 100 },
    );
    expect(asked).toBeGreaterThan(1000);
  });

  test('names the rule, or says that none took it', () => {
    const rules = firewall([{ name: 'web', action: 'Accept', protocol: 'TCP', destinationPorts: [80] }]);
    expect(judge(rules, WEB)).toEqual({
      generation: 3,
      action: 'Accept',
      by: { kind: 'Rule', name: 'web' },
      rated: [],
      established: false,
    });
    expect(judge(rules, { ...WEB, destinationPort: 81 })).toMatchObject({
      action: 'Drop',
      by: { kind: 'Default' },
    });
  });

  test('says of a rule with a rate that what is beyond it goes on to the rules after', () => {
    const rules = firewall([
      { name: 'some', action: 'Accept', protocol: 'TCP', rate: { perSecond: 10, burst: 20, per: 'Source' } },
      { name: 'rest', action: 'Reject' },
    ]);
    expect(judge(rules, WEB)).toMatchObject({
      action: 'Reject',
      by: { kind: 'Rule', name: 'rest' },
      rated: [{ name: 'some', action: 'Accept', perSecond: 10, burst: 20, per: 'Source' }],
    });
  });

  test('lets an answer pass where the flow that it answers does, and judges it by itself without state', () => {
    const rules = [
      { name: 'web', action: 'Accept' as const, protocol: 'TCP' as const, destinationPorts: [80] },
    ];
    const answer = {
      ...WEB,
      reply: true,
      source: WEB.destination,
      destination: WEB.source,
      sourcePort: 80,
      destinationPort: 40000,
    };
    expect(judge(firewall(rules), answer)).toMatchObject({
      action: 'Accept',
      by: { name: 'web' },
      established: true,
    });
    expect(judge(firewall(rules, { stateful: false }), answer)).toMatchObject({
      action: 'Drop',
      by: { kind: 'Default' },
      established: false,
    });
  });

  test('looks into sets of a ConfigMap, single addresses and ranges', () => {
    const spec: FirewallSpec = {
      replicas: 1,
      drainSeconds: 30,
      defaultAction: 'Accept',
      stateful: true,
      rules: [{ name: 'bad', action: 'Drop', source: { set: 'bad' } }],
      sets: [{ name: 'bad', configMapRef: { name: 'bad' } }],
    };
    const data = { all: '10.0.0.1\n10.1.0.0/16\n10.2.0.0/16\nfd00::/64\n' };
    const rules = apply(spec, new Map([['bad', { data }]]));
    const by = (source: string): unknown => judge(rules, { ...WEB, source: parseAddress(source) }).by;
    for (const source of ['10.0.0.1', '10.1.2.3', '10.2.255.255', 'fd00::5']) {
      expect(by(source)).toEqual({ kind: 'Rule', name: 'bad' });
    }
    for (const source of ['10.0.0.2', '10.3.0.0', 'fd00:0:0:1::'])
      expect(by(source)).toEqual({ kind: 'Default' });
  });
});

describe('a question to /verdict', () => {
  test('that is wrong is answered by one sentence that names the parameter', () => {
    const right = { path: '7', protocol: '6', source: '10.0.0.1', destination: '10.0.0.2' };
    expect(parseQuestion(right)).toMatchObject({ path: 7, protocol: 6, sourcePort: 0, reply: false });
    expect(parseQuestion({ ...right, path: 'x' })).toContain('path');
    expect(parseQuestion({ ...right, protocol: '256' })).toContain('protocol');
    expect(parseQuestion({ ...right, source: '10.0.0' })).toContain('source');
    expect(parseQuestion({ ...right, destination: 'fd00::1' })).toContain('one family');
    expect(parseQuestion({ ...right, sourcePort: ['1', '2'] })).toContain('sourcePort');
  });

  test('about ICMP without a type means a ping', () => {
    const ping = { path: '7', protocol: '58', source: 'fd00::1', destination: 'fd00::2' };
    expect(parseQuestion(ping)).toMatchObject({ icmpType: 128 });
    expect(parseQuestion({ ...ping, icmpType: '129' })).toMatchObject({ icmpType: 129 });
  });
});
