// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { packageFolders } from '../../../../tools/build/packages.ts';

it('the packages of a bundle are those of which bytes are in it, each by its folder', () => {
  const inputs = {
    'operator/main.ts': { bytesInOutput: 10 },
    'node_modules/b/index.js': { bytesInOutput: 1 },
    'node_modules/b/lib/more.js': { bytesInOutput: 1 },
    'node_modules/@scope/a/index.js': { bytesInOutput: 1 },
    'node_modules/b/node_modules/@scope/c/index.js': { bytesInOutput: 1 },
    'node_modules/shaken-off/index.js': { bytesInOutput: 0 },
  };
  expect(packageFolders({ 'main.mjs': { inputs } })).toEqual([
    'node_modules/@scope/a',
    'node_modules/b',
    'node_modules/b/node_modules/@scope/c',
  ]);
});
