// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ensurePrometheus,
  missingPrometheus,
  type PrometheusPrograms,
} from '../../../tools/prometheus/programs.ts';
import { needs } from '../../support/needs.ts';
import { fill, RULES, readAlerts, readPanels, selectorsOf } from './expressions.ts';
import { metricsOf, programs } from './pages.ts';

const CASES = join(import.meta.dirname, 'alerts.yaml');
const PAGE = resolve(import.meta.dirname, '../../../docs/alerts.md');
const alerts = readAlerts();
const { panels, variables } = readPanels();
/** Labels that Prometheus gives each target: docs/troubleshooting.md. */
const OF_TARGETS = ['job', 'instance', 'node', 'namespace', 'pod', 'function'];
const VALUES = { __rate_interval: '5m', namespace: 'shop', chain: 'storefront', node: 'one' };

const known = new Map<string, readonly string[]>([['up', []]]);
for (const { name, type, labels } of programs.flatMap(metricsOf)) {
  for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) {
    known.set(`${name}${suffix}`, [...labels, ...(suffix === '_bucket' ? ['le'] : [])]);
  }
}

describe('alerts and dashboards', needs(missingPrometheus()), () => {
  let found: PrometheusPrograms;
  const folder = mkdtempSync(join(tmpdir(), 'heddle-alerts-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const promtool = async (
    ...args: readonly string[]
  ): Promise<{ readonly ok: boolean; readonly all: string }> => {
    const { exitCode, all } = await execa(found.promtool, [...args], { reject: false, all: true });
    return { ok: exitCode === 0, all };
  };

  beforeAll(async () => {
    found = await ensurePrometheus();
  }, 300_000);

  test('the rules are good rules', async () => {
    const { ok, all } = await promtool('check', 'rules', '--lint-fatal', RULES);
    expect(ok, all).toBe(true);
    expect(all).toContain(`${alerts.length} rules found`);
  });

  test('each alert fires when it should, and not otherwise', async () => {
    const { ok, all } = await promtool('test', 'rules', CASES);
    expect(ok, all).toBe(true);
    const { tests } = load(readFileSync(CASES, 'utf8')) as {
      readonly tests: readonly {
        readonly alert_rule_test: readonly {
          readonly alertname: string;
          readonly exp_alerts?: readonly unknown[];
        }[];
      }[];
    };
    const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
    for (const { alert } of alerts) {
      const ours = cases.filter(({ alertname }) => alertname === alert);
      expect(
        ours.some(({ exp_alerts = [] }) => exp_alerts.length > 0),
        `${alert} fires`,
      ).toBe(true);
      expect(
        ours.some(({ exp_alerts = [] }) => exp_alerts.length === 0),
        `${alert} stays silent`,
      ).toBe(true);
    }
  });

  test.each(alerts)(
    '$alert says what it means, how bad it is, and what to do',
    ({ alert, labels, annotations }) => {
      expect(['warning', 'critical']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$|\{\{ end \}\}$/);
      expect(annotations.description).toMatch(/\.$/);
      expect(annotations.runbook_url).toBe(`https://heddle.dev/docs/alerts.md#${alert.toLowerCase()}`);
      expect(readFileSync(PAGE, 'utf8').split('\n')).toContain(`## ${alert}`);
    },
  );

  test('metrics and labels are found in an expression', () => {
    const expr = 'sum by (pod) (rate(a_total{node="x",hop=~"y.*"}[5m] offset 1h)) > 3 * max(b) or vector(0)';
    expect(selectorsOf(expr)).toEqual([
      { metric: 'a_total', labels: ['node', 'hop'] },
      { metric: 'b', labels: [] },
    ]);
  });

  test('every expression of a panel can be parsed', async () => {
    const rules = [...panels, ...variables].map(({ expr }, index) => ({
      record: `panel:${index}`,
      expr: fill(expr, VALUES),
    }));
    const file = join(folder, 'panels.yaml');
    writeFileSync(file, dump({ groups: [{ name: 'panels', rules }] }));
    const { ok, all } = await promtool('check', 'rules', file);
    expect(ok, all).toBe(true);
    expect(rules.length).toBeGreaterThan(50);
  });

  test.each([...panels, ...variables, ...alerts.map(({ alert, expr }) => ({ where: alert, expr }))])(
    '$where names metrics and labels that exist',
    ({ expr }) => {
      const selectors = selectorsOf(fill(expr, VALUES));
      expect(selectors).not.toEqual([]);
      for (const { metric, labels } of selectors) {
        expect([...known.keys()], expr).toContain(metric);
        for (const label of labels)
          expect([...OF_TARGETS, ...(known.get(metric) ?? [])], metric).toContain(label);
      }
    },
  );
});
