// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  checkMonitoring,
  checkRelabelings,
  readRelabelings,
  renderMonitoring,
} from '../../../../tools/check/monitoring.ts';

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
  const { problems } = await renderMonitoring(async () => ({ exitCode: 0, stdout: '', stderr: '' }), '');
  expect(problems).toContain('metrics.podMonitor does not say that PodMonitor is missing');
});

test('the PodMonitor and the configuration in the docs give the same labels', () => {
  const monitor = {
    kind: 'PodMonitor',
    metadata: { name: 'heddle-functions' },
    spec: { podMetricsEndpoints: [{ relabelings: [{ sourceLabels: ['a'], targetLabel: 'node' }] }] },
  };
  const page = (rule: string) =>
    `\`\`\`yaml\nscrape_configs:\n  - job_name: heddle-functions\n    relabel_configs: [${rule}]\n\`\`\``;
  const compare = (rule: string) => checkRelabelings([monitor], readRelabelings(page(rule)));
  expect(compare('{target_label: node, source_labels: [a]}')).toEqual([]);
  expect(compare('{target_label: node, source_labels: [b]}')).toEqual([
    expect.stringMatching(/^docs: no .*"a"/),
    expect.stringMatching(/^PodMonitor heddle-functions: no .*"b"/),
  ]);
  expect(
    compare('{target_label: node, source_labels: [a]}, {target_label: pod, source_labels: [c]}'),
  ).toEqual([]);
});
