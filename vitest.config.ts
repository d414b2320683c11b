import { defineConfig } from 'vitest/config';

// Three suites that run apart: `npm run test:unit`, `test:kernel`, `test:cluster`.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      {
        // One machine has one kernel: these run one after another.
        test: {
          name: 'kernel',
          include: ['test/packets/**/*.test.ts', 'test/kernel/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          exclude: ['test/cluster/chart/**'],
          setupFiles: ['test/cluster/support/setup.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        // Removes Heddle and brings it back, so it runs after the others.
        test: {
          name: 'chart',
          include: ['test/cluster/chart/**/*.test.ts'],
          setupFiles: ['test/cluster/support/setup.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
