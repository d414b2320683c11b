// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  ensurePrometheus,
  missingPrometheus,
  type PrometheusPrograms,
} from '../../../tools/prometheus/programs.ts';
import { needs } from '../../support/needs.ts';
import { metricsOf, pageOf, programs } from './pages.ts';

/** Labels whose values a person or a tenant names, each with what bounds them: docs/troubleshooting.md. */
const BOUNDED = new Set([
  ...['namespace', 'chain', 'hop', 'function', 'pod', 'interface', 'node', 'rule', 'listener', 'peer'],
  ...['reason', 'event', 'direction', 'family', 'map', 'queue', 'outcome', 'store', 'kind', 'on_failure'],
  // Of prom-client.
  ...['type', 'space', 'version', 'major', 'minor', 'patch'],
]);

describe('names of metrics', needs(missingPrometheus()), () => {
  let found: PrometheusPrograms;

  beforeAll(async () => {
    found = await ensurePrometheus();
  }, 300_000);

  test.each(programs)('%s: promtool has nothing against them', async (program) => {
    const page = pageOf(program);
    expect(page).toContain('# HELP heddle_');
    const { all } = await execa(found.promtool, ['check', 'metrics'], {
      input: page,
      reject: false,
      all: true,
    });
    expect(all).toBe('');
  });

  test.each(programs)('%s: each label has few values, or as many as there are objects', (program) => {
    const strange = metricsOf(program).flatMap(({ name, labels }) =>
      labels.filter((label) => !BOUNDED.has(label)).map((label) => `${name}{${label}}`),
    );
    expect(strange).toEqual([]);
  });
});
