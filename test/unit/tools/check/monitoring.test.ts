// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { checkMonitoring, renderMonitoring } from '../../../../tools/check/monitoring.ts';

const dashboard = (text: string) => ({
  kind: 'ConfigMap',
  metadata: { name: 'heddle-dashboard-fleet', labels: { grafana_dashboard: '1' } },
  data: { 'heddle-fleet.json': text },
});
const named = (kind: string) => ({ kind, metadata: { name: 'heddle' } });
const kinds = ['ServiceMonitor', 'PodMonitor', 'PrometheusRule'];

test('nothing is wrong where all kinds and a dashboard are there', () => {
  expect(checkMonitoring([...kinds.map(named), dashboard('{}')])).toEqual([]);
});

test.each(kinds)('a %s that is missing is named', (kind) => {
  const others = kinds.filter((each) => each !== kind).map(named);
  expect(checkMonitoring([...others, dashboard('{}')])).toEqual([expect.stringContaining(`no ${kind}`)]);
});

test('a dashboard that nobody can read is named', () => {
  const problems = checkMonitoring([...kinds.map(named), dashboard('{,}')]);
  expect(problems).toEqual(['ConfigMap heddle-dashboard-fleet has a dashboard that is no JSON']);
});

test('a chart that lets monitors through where their kinds are missing is refused', async () => {
  const { problems } = await renderMonitoring(async () => ({ exitCode: 0, stdout: '', stderr: '' }));
  expect(problems).toContain('metrics.podMonitor does not say that PodMonitor is missing');
});
