// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository } from '../../../../tools/kind/paths.ts';
import { mutated, testsOf } from '../../../../tools/mutants/plan.ts';

test('the changes of a file are tried by the tests of its folder', () => {
  expect(testsOf(['api/net/mac.ts', 'api/net/range.ts', 'agent/plan/plan.ts'])).toEqual([
    'test/unit/api/net/**/*.test.ts',
    'test/unit/agent/plan/**/*.test.ts',
  ]);
});

test('each file to change exists', () => {
  const missing = mutated.filter((file) => !file.includes('*') && !existsSync(join(repository, file)));
  expect(missing).toEqual([]);
});
