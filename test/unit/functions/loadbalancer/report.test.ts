// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { renderReport } from '../../../../functions/loadbalancer/report.ts';
import type { Standing } from '../../../../functions/loadbalancer/standing.ts';
import { allow } from '../../../../operator/report/allowance.ts';
import { parseReport } from '../../../../operator/report/parse.ts';

const standing: Standing = {
  backend: {
    address: '10.20.0.5',
    family: 4,
    pod: undefined,
    weight: 100,
    draining: false,
    unready: false,
    unknown: false,
  },
  takes: true,
  keeps: true,
  reason: 'NotChecked',
  since: undefined,
  message: undefined,
};

test('a backend is reported healthy if it takes new flows, with what is known of it and nothing else', () => {
  const failed: Standing = {
    ...standing,
    backend: { ...standing.backend, address: 'fd20::5', pod: 'shop/a', weight: 7 },
    takes: false,
    reason: 'CheckFailed',
    since: Date.parse('2026-11-30T10:00:00.250Z'),
    message: 'answered 503',
  };
  expect(renderReport([standing, failed]).backends).toEqual([
    { address: '10.20.0.5', weight: 100, healthy: true, reason: 'NotChecked' },
    {
      address: 'fd20::5',
      pod: 'shop/a',
      weight: 7,
      healthy: false,
      reason: 'CheckFailed',
      since: '2026-11-30T10:00:00.250Z',
      message: 'answered 503',
    },
  ]);
});

test('the operator reads what is reported', () => {
  const { backends } = renderReport([{ ...standing, since: 0, message: 'x' }]);
  const text = JSON.stringify({ generation: 1, inputs: '', error: null, backends });
  expect(parseReport(text, allow(1)).backends).toEqual(backends);
});
