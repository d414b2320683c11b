// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vitest/config';

// The unit suite alone: each mutant is tried by the tests that reach it.
export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    // Tests of our own tools look at files that Stryker's copy of the tree leaves out or has changed.
    exclude: ['test/unit/tools/**', 'test/unit/bench/**'],
    testTimeout: 20_000,
  },
});
