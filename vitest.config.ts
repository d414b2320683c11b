// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { type ProjectName, projects } from './tools/suite/projects.ts';

// Whoever runs vitest: one seed for all random tests of a run, which HEDDLE_SEED repeats.
process.env.HEDDLE_SEED ||= String(randomInt(2 ** 31));
console.log(`HEDDLE_SEED=${process.env.HEDDLE_SEED}`);

/** Programs that tests start (agents, servers, clients) are parsed once, not every time. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/heddle-tests');

// The runner says how many files of a suite may run at a time.
const workers = process.env.HEDDLE_TEST_WORKERS;

function project(name: ProjectName, ...setupFiles: readonly string[]) {
  const { include, exclude = [] } = projects[name];
  return {
    name,
    include: [...include],
    exclude: [...exclude],
    setupFiles: ['test/support/setup.ts', ...setupFiles],
    ...(name === 'unit' ? {} : { maxWorkers: Number(workers ?? 1) }),
  };
}

// Suites that run apart: `npm run test:unit`, `test:kernel`, `test:cluster` (which is cluster, then chart).
export default defineConfig({
  test: {
    projects: [
      { test: { ...project('unit'), testTimeout: 20_000 } },
      {
        test: { ...project('fuzz'), globalSetup: ['test/kernel/world/run.ts'], hookTimeout: 60_000 },
      },
      {
        test: {
          ...project('kernel'),
          globalSetup: ['test/kernel/world/run.ts'],
          env: { NODE_COMPILE_CACHE },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...project('cluster', 'test/cluster/support/setup.ts'),
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...project('chart', 'test/cluster/support/setup.ts'),
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
