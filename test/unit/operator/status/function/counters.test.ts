// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { InstanceReport } from '../../../../../api/report.ts';
import { openLedger, totalsOf, updateLedger } from '../../../../../operator/status/function/counters.ts';

const report = (packets: number, logged = 0): InstanceReport => ({
  generation: 1,
  inputs: '',
  error: null,
  rules: [{ name: 'web', packets, bytes: packets * 100 }],
  logged,
});
const reports = (all: Record<string, InstanceReport>) => new Map(Object.entries(all));
const alive = (...uids: string[]) => ({ alive: new Set(uids), known: new Set(['web']) });
const empty = openLedger(undefined, new Map());
const packetsOf = (ledger: typeof empty) => totalsOf(ledger, ['web']).rules[0]?.packets;

describe('totals of a firewall', () => {
  test('are the sum of its instances', () => {
    const ledger = updateLedger(empty, reports({ a: report(3, 1), b: report(4, 2) }), alive('a', 'b'));
    expect(totalsOf(ledger, ['web'])).toEqual({
      rules: [{ name: 'web', packets: 7, bytes: 700 }],
      logged: 3,
    });
  });

  test('do not go back when an instance is gone', () => {
    let ledger = updateLedger(empty, reports({ a: report(3), b: report(4) }), alive('a', 'b'));
    ledger = updateLedger(ledger, reports({ b: report(5) }), alive('b'));
    expect(packetsOf(ledger)).toBe(8);
  });

  test('remember no rule that the object does not have any more', () => {
    let ledger = updateLedger(empty, reports({ a: report(3) }), alive('a'));
    ledger = updateLedger(ledger, new Map(), { alive: new Set(), known: new Set(['other']) });
    expect(ledger.gone.rules.size).toBe(0);
  });

  test('do not go back when the container of an instance starts anew', () => {
    let ledger = updateLedger(empty, reports({ a: report(30) }), alive('a'));
    ledger = updateLedger(ledger, reports({ a: report(2) }), alive('a'));
    expect(packetsOf(ledger)).toBe(32);
    ledger = updateLedger(ledger, reports({ a: report(5) }), alive('a'));
    expect(packetsOf(ledger)).toBe(35);
  });

  test('of a rule that no packet meets stay, however often they are reported', () => {
    let ledger = updateLedger(empty, reports({ a: report(3, 2) }), alive('a'));
    for (let round = 0; round < 3; round++)
      ledger = updateLedger(ledger, reports({ a: report(3, 2) }), alive('a'));
    expect(totalsOf(ledger, ['web'])).toEqual({
      rules: [{ name: 'web', packets: 3, bytes: 300 }],
      logged: 2,
    });
  });

  test('have the count of an instance that is gone once, though its last report comes late', () => {
    let ledger = updateLedger(empty, reports({ a: report(3, 2) }), alive('a'));
    for (let round = 0; round < 3; round++)
      ledger = updateLedger(ledger, reports({ a: report(3, 2) }), alive());
    expect(totalsOf(ledger, ['web'])).toMatchObject({ rules: [{ packets: 3, bytes: 300 }], logged: 2 });
    ledger = updateLedger(ledger, reports({ stranger: report(9) }), alive());
    expect(packetsOf(ledger)).toBe(3);
  });

  test('do not go back when only what was logged begins anew', () => {
    let ledger = updateLedger(empty, reports({ a: report(3, 5) }), alive('a'));
    ledger = updateLedger(ledger, reports({ a: report(4, 1) }), alive('a'));
    expect(totalsOf(ledger, ['web'])).toMatchObject({ rules: [{ packets: 4 }], logged: 6 });
  });

  test('do not count twice what was written before the operator started', () => {
    const written = { rules: [{ name: 'web', packets: 10, bytes: 1000 }], logged: 0 };
    const ledger = openLedger(written, reports({ a: report(6) }));
    expect(packetsOf(ledger)).toBe(10);
    expect(packetsOf(updateLedger(ledger, reports({ a: report(8) }), alive('a')))).toBe(12);
  });

  test('have the rules of the spec in its order, new ones at zero and no others', () => {
    const ledger = updateLedger(empty, reports({ a: report(3) }), alive('a'));
    expect(totalsOf(ledger, ['new', 'web']).rules.map((rule) => [rule.name, rule.packets])).toEqual([
      ['new', 0],
      ['web', 3],
    ]);
    expect(totalsOf(ledger, []).rules).toEqual([]);
  });
});

test('the totals of more than 1,000 rules list those that took most, in the order of the spec', () => {
  const names = Array.from({ length: 3000 }, (_, index) => `rule-${index}`);
  const rules = names.map((name, index) => ({ name, packets: index % 2 === 0 ? 0 : index, bytes: 1 }));
  const reports = new Map([['a', { generation: 1, inputs: '', error: null, rules, logged: 0 }]]);
  const totals = totalsOf(openLedger(undefined, reports), names).rules;
  expect(totals).toHaveLength(1000);
  expect(totals[0]).toMatchObject({ name: 'rule-1001' });
  expect(totals.at(-1)).toMatchObject({ name: 'rule-2999' });
});
