// SPDX-License-Identifier: Apache-2.0
import { dirname } from 'node:path';

/**
 * The pure code in which mistakes have the worst effects: addresses, policy, order of writes, rules, choice of
 * backends.
 */
export const mutated: readonly string[] = [
  'api/net/*.ts',
  'api/firewall-check.ts',
  'operator/compile/addresses/pick.ts',
  'operator/compile/chain/precedence.ts',
  'operator/compile/chain/reach.ts',
  'operator/compile/chain/slices.ts',
  'operator/compile/ports/claims.ts',
  'operator/compile/vpn/active.ts',
  'agent/health/state.ts',
  'agent/render/classes.ts',
  'agent/render/maglev.ts',
  'agent/plan/endpoints.ts',
  'agent/plan/plan.ts',
  'functions/firewall/levels.ts',
  'functions/loadbalancer/health.ts',
  'functions/loadbalancer/slots.ts',
];

/**
 * The tests that try the changes of a file: those of its own folder. Tests of other rooms reach most of this code too,
 * but take minutes for each file, and find a change by chance.
 */
export function testsOf(files: readonly string[]): readonly string[] {
  return [...new Set(files.map((file) => `test/unit/${dirname(file)}/**/*.test.ts`))];
}

/** The variable by which vitest.config.ts learns the tests. */
export const TESTS_VARIABLE = 'HEDDLE_MUTANT_TESTS';

/** The configuration of Stryker, https://stryker-mutator.io/docs/stryker-js/configuration. */
export function renderStrykerConfig(options: {
  readonly files: readonly string[];
  readonly report: string;
  readonly folder: string;
}): object {
  return {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'tools/mutants/vitest.config.ts', related: true },
    mutate: options.files,
    // Texts of messages and shapes of objects are not tested here.
    mutator: { excludedMutations: ['StringLiteral', 'ObjectLiteral', 'ArrayDeclaration', 'Regex'] },
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: options.report },
    tempDirName: options.folder,
    ignorePatterns: ['dist', 'artifacts', 'bench', 'test/cluster', 'test/soak', 'charts', 'examples'],
    concurrency: 2,
    timeoutMS: 10_000,
    allowEmpty: false,
    // TypeScript 7 lacks the API with which Stryker rewrites tsconfig.json, and nothing reads that file here.
    tsconfigFile: 'no-tsconfig.json',
    thresholds: { break: null },
  };
}
