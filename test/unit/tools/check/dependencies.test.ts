// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { checkDependencies, findMisplaced, packageOf } from '../../../../tools/check/dependencies.ts';
import { repository } from '../../../../tools/kind/paths.ts';

test('a package is named by the first part of a module, or by two after an @', () => {
  expect(packageOf('js-yaml')).toBe('js-yaml');
  expect(packageOf('vitest/config')).toBe('vitest');
  expect(packageOf('@kubernetes/client-node/dist/config.js')).toBe('@kubernetes/client-node');
  expect([packageOf('./own.ts'), packageOf('node:fs')]).toEqual([undefined, undefined]);
});

const used = new Map([
  ['pino', { product: 'kube/base/log.ts', outside: 'test/a.ts' }],
  ['execa', { outside: 'tools/a.ts' }],
]);

test('packages that are where they are used are well', () => {
  expect(
    findMisplaced(
      {
        dependencies: { pino: '10.4.0' },
        devDependencies: { execa: '9.6.1', '@types/node': '24.19.2', typescript: '7.0.2' },
      },
      used,
    ),
  ).toEqual([]);
});

test.for([
  [
    { devDependencies: { pino: '10.4.0', execa: '9.6.1' } },
    ['dependencies: pino is missing, kube/base/log.ts imports it'],
  ],
  [{ dependencies: { pino: '10.4.0' } }, ['devDependencies: execa is missing, tools/a.ts imports it']],
  [
    { dependencies: { pino: '10.4.0', execa: '9.6.1' } },
    ['dependencies: no part of the product imports execa'],
  ],
  [
    { dependencies: { pino: '10.4.0' }, devDependencies: { execa: '9.6.1', '@types/left-pad': '1.0.0' } },
    ['devDependencies: nobody imports or runs @types/left-pad'],
  ],
  [
    { dependencies: { pino: '10.4.0' }, devDependencies: { execa: '9.6.1', pino: '10.4.0' } },
    ['devDependencies: pino is in dependencies already'],
  ],
  [
    { dependencies: { pino: '^10.4.0' }, devDependencies: { execa: '9.6.1' } },
    ['pino: "^10.4.0" is not pinned to one version'],
  ],
] as const)('what is not where it is used is told: %#', ([manifest, problems]) => {
  expect(findMisplaced(manifest, used)).toEqual(problems);
});

test('the packages of this repository are where they are used', () => {
  expect(checkDependencies(repository)).toEqual([]);
});
