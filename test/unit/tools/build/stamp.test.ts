// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isFresh, stampInputs, writeStamp } from '../../../../tools/build/stamp.ts';

let root = '';
let output = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'heddle-stamp-'));
  output = join(root, 'out.mjs');
  writeFileSync(join(root, 'a.ts'), 'a');
  writeFileSync(output, 'built');
  writeStamp(output, stampInputs(root, ['a.ts', 'absent.ts']));
});
afterEach(() => rmSync(root, { recursive: true }));

it('an output whose inputs are as they were is fresh', () => {
  expect(isFresh(root, output)).toBe(true);
});

it('an output is made anew when an input changed, went or came', () => {
  writeFileSync(join(root, 'a.ts'), 'longer');
  expect(isFresh(root, output)).toBe(false);
  writeStamp(output, stampInputs(root, ['a.ts', 'absent.ts']));
  writeFileSync(join(root, 'absent.ts'), 'came');
  expect(isFresh(root, output)).toBe(false);
  writeStamp(output, stampInputs(root, ['a.ts', 'absent.ts']));
  rmSync(join(root, 'a.ts'));
  expect(isFresh(root, output)).toBe(false);
});

it('an output that is not there is never fresh', () => {
  rmSync(output);
  expect(isFresh(root, output)).toBe(false);
});
