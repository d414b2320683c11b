// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { builtInCounters, ruleLabel, ruleName } from '../../../../functions/firewall/names.ts';

test('the metrics tell built-in counters from rules, also from rules that have their names', () => {
  const counters = [...builtInCounters, ...['web', 'rule-web', ...builtInCounters].map(ruleName)];
  const labels = counters.map(ruleLabel);
  expect(new Set(labels).size).toBe(counters.length);
  expect(labels).toEqual([
    'default-action',
    'invalid-state',
    'web',
    'rule-web',
    'rule-default-action',
    'rule-invalid-state',
  ]);
});
