// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { repository } from '../../../../tools/kind/paths.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const cli = join(repository, 'tools/suite/cli.ts');
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const options = { cwd: repository, reject: false, env: { CI: '', ...env }, ...user };
  const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, ...args], options);
  return { exitCode, last: stdout.split('\n').at(-1), text: `${stdout}\n${stderr}` };
}

it('a filter that fits no file is an error', async () => {
  const { exitCode, text } = await run(['unit', 'no/such/file']);
  expect(exitCode).toBe(2);
  expect(text).toContain('no test file of unit matches: no/such/file');
});

it('a suite that cannot run is a skip with its reason for a person, and a failure in CI', async () => {
  const person = await run(['kernel', 'packets/path']);
  expect(person).toMatchObject({ exitCode: 0, last: '0 passed, 0 failed, 1 skipped' });
  expect(person.text).toContain('skipped: the kernel suite (needs root');
  const ci = await run(['kernel', 'packets/path'], { CI: '1' });
  expect(ci).toMatchObject({ exitCode: 1, last: '0 passed, 1 failed, 0 skipped' });
});

it('CI runs all suites, with CI set', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-ci-'));
  writeFileSync(join(folder, 'npm'), '#!/bin/sh\necho "$CI: $*"\n');
  chmodSync(join(folder, 'npm'), 0o755);
  const PATH = `${folder}:${process.env.PATH}`;
  const { stdout } = await execa(join(repository, '.ci/run'), { env: { CI: '', PATH } });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe('1: test');
});
