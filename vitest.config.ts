import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { type ProjectName, projects } from './tools/suite/projects.ts';

/** Programs that tests start (agents, servers, clients) are parsed once, not every time. */
const NODE_COMPILE_CACHE = join(import.meta.dirname, 'node_modules/.cache/heddle-tests');

function files(name: ProjectName) {
  const { include, exclude = [] } = projects[name];
  return { name, include: [...include], exclude: [...exclude] };
}

// Suites that run apart: `npm run test:unit`, `test:kernel`, `test:cluster` (which is cluster, then chart).
export default defineConfig({
  test: {
    projects: [
      { test: { ...files('unit'), testTimeout: 20_000 } },
      {
        // One machine has one kernel: these run one after another.
        test: {
          ...files('kernel'),
          globalSetup: ['test/kernel/world/run.ts'],
          env: { NODE_COMPILE_CACHE },
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...files('cluster'),
          setupFiles: ['test/cluster/support/setup.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          ...files('chart'),
          setupFiles: ['test/cluster/support/setup.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
