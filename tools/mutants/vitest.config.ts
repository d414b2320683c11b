// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vitest/config';
import { TESTS_VARIABLE } from './plan.ts';

// Only the unit suite: each mutant is tested by the tests that reach it, of the folders in HEDDLE_MUTANT_TESTS.
export default defineConfig({
  test: {
    include: process.env[TESTS_VARIABLE]?.split(',') ?? ['test/unit/**/*.test.ts'],
    // Tests of our own tools use files that Stryker's copy of the tree lacks or has changed.
    // Tests that measure time fail in the first run on a busy machine.
    exclude: ['test/unit/tools/**', 'test/unit/bench/**', 'test/unit/agent/controllers/hooks.test.ts'],
    // Changed code counts what it reaches, on a machine that may be busy. Loops without end are found by Stryker's own limit.
    testTimeout: 180_000,
  },
});
