// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import type { BackendReport } from '../../../../../api/report.ts';
import { allow } from '../../../../../operator/report/allowance.ts';
import { parseReport } from '../../../../../operator/report/parse.ts';
import { summarizeBackends } from '../../../../../operator/status/function/backends.ts';

const CRD = new URL('../../../../../crds/loadbalancers.yaml', import.meta.url);
const NOW = new Date('2026-11-30T10:00:00Z');

interface Schema {
  readonly maxLength?: number;
  readonly maximum?: number;
  readonly items: Schema;
  readonly properties: Readonly<Record<string, Schema>>;
}

function backendSchema(): Readonly<Record<string, Schema>> {
  const crd = load(readFileSync(CRD, 'utf8')) as {
    spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
  };
  const status = crd.spec.versions[0]!.schema.openAPIV3Schema.properties.status!;
  return status.properties.backends!.items.properties;
}

const report = (address: string, more: Partial<BackendReport> = {}): BackendReport => ({
  address,
  weight: 100,
  healthy: true,
  reason: 'Healthy',
  ...more,
});
const summarize = (reports: readonly BackendReport[]) =>
  summarizeBackends({ reports, previous: undefined, addresses: [], now: NOW });

describe('the backends in a status', () => {
  test('have no text that the schema refuses, whatever an instance reports', () => {
    const long = 'x'.repeat(5000);
    const said = {
      generation: 1,
      inputs: '',
      error: null,
      backends: [{ ...report('10.20.0.1'), reason: long, message: long, pod: long }],
    };
    const { backends: reported } = parseReport(JSON.stringify(said), allow(1));
    const [backend] = summarize(reported!).backends!;
    const schema = backendSchema();
    for (const name of ['address', 'pod', 'reason', 'message'] as const) {
      const most = schema[name]?.maxLength;
      expect([name, most]).not.toContain(undefined);
      expect([name, backend![name]!.length <= most!]).toEqual([name, true]);
    }
  });

  test('are the same in whatever order the instances report', () => {
    const at = (second: number) => `2026-11-30T10:00:0${second}.000Z`;
    const one = [
      report('10.20.0.1'),
      report('10.20.0.1', { healthy: false, reason: 'CheckFailed', since: at(2), message: 'HTTP 503' }),
      report('10.20.0.1', { healthy: false, reason: 'CheckFailed', since: at(1), message: 'no answer' }),
      report('10.20.0.1', { healthy: false, reason: 'Starting' }),
      report('10.20.0.1', { weight: 20 }),
    ];
    const two = [report('10.20.0.2', { weight: 20 }), report('10.20.0.2', { pod: 'shop/web' })];
    const expected = summarize([...one, ...two]);
    expect(expected.backends).toMatchObject([{ message: 'no answer' }, { address: '10.20.0.2' }]);
    const reports = [...one, ...two];
    for (let shift = 0; shift < reports.length; shift += 1) {
      const rotated = [...reports.slice(shift), ...reports.slice(0, shift)];
      expect(summarize(rotated)).toEqual(expected);
      expect(summarize(rotated.toReversed())).toEqual(expected);
    }
  });

  test('count as taking no flows when one instance says so, whoever reports first', () => {
    const sick = report('10.20.0.1', { healthy: false, reason: 'CheckFailed' });
    for (const reports of [
      [sick, report('10.20.0.1')],
      [report('10.20.0.1'), sick],
    ]) {
      expect(summarize(reports)).toMatchObject({ summary: '0/1', backends: [{ reason: 'CheckFailed' }] });
    }
  });

  test('are those first that take no flows, where there are more than a status lists', () => {
    const many = Array.from({ length: 1200 }, (_, index) =>
      report(`10.20.${index >> 8}.${index & 255}`, { healthy: index < 1190 }),
    );
    const { summary, backends } = summarize(many);
    expect(summary).toBe('1190/1200');
    expect(backends).toHaveLength(1000);
    expect(backends!.slice(0, 11).map(({ healthy }) => healthy)).toEqual([...Array(10).fill(false), true]);
  });
});
