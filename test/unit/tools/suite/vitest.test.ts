// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutput } from '../../../../tools/suite/output.ts';
import { closingLine, type SuiteResult } from '../../../../tools/suite/report.ts';
import { runVitest } from '../../../../tools/suite/vitest.ts';

/** Test files as somebody might write them, by what is wrong with them. */
const bodies = {
  good: `test('good', () => {});`,
  unawaited: `test('unawaited', () => { void Promise.resolve(1).then((value) => expect(value).toBe(2)); });`,
  timer: `test('timer', async () => {
    setTimeout(() => { throw new Error('from a timer'); }, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
  });`,
  failing: `test('failing', () => expect(1).toBe(2));`,
  throwing: `throw new Error('while loading');`,
  hook: `describe('a suite', () => {
    beforeAll(() => { throw new Error('in a hook'); });
    test('behind a hook', () => {});
  });`,
  tidying: `afterAll(() => { throw new Error('in afterAll'); }); test('tidying', () => {});`,
  exiting: `test('exiting', () => process.exit(0));`,
  only: `test.only('only', () => {}); test('beside', () => {});`,
  snapshot: `test('snapshot', () => expect(1).toMatchFileSnapshot('missing.txt'));`,
  silent: `test.skip('silent', () => {});`,
  explained: `test('explained', ({ skip }) => skip('no such device'));
    describe('explained too', { skip: true, meta: { skipReason: 'no such tool' } }, () => test('inside', () => {}));`,
  slow: `import { writeFileSync } from 'node:fs';
    afterAll(() => writeFileSync(process.env.HEDDLE_TIDIED, ''));
    test('slow', async () => {
      process.stderr.write('it runs\\n');
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw new Error('a failure, so that it is printed');
    });
    test('after it', () => new Promise(() => {}), 600_000);`,
  empty: '',
} as const;
type Name = keyof typeof bodies;

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'heddle-runner-'));
  const project = { name: 'unit', include: ['*.test.mjs'], globals: true };
  writeFileSync(
    join(root, 'vitest.config.mjs'),
    `export default ${JSON.stringify({ test: { projects: [{ test: project }] } })};`,
  );
  for (const [name, body] of Object.entries(bodies)) writeFileSync(join(root, `${name}.test.mjs`), body);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(names: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<SuiteResult> {
  const files = names.map((name) => `${name}.test.mjs`);
  return runVitest({ project: 'unit', files, root, output: createOutput('', () => {}), env });
}

/** By the first words of what failed. */
function failuresOf(result: SuiteResult, ...starts: readonly string[]): readonly string[] {
  return result.failures.filter((failure) => starts.some((start) => failure.startsWith(start)));
}

// Real processes, few of them: each costs a second.
describe('a run of vitest', { timeout: 60_000 }, () => {
  it('passes when every test does, and says why the others were skipped', async () => {
    const result = await run(['good', 'explained']);
    expect(closingLine(result)).toBe('1 passed, 0 failed, 2 skipped');
    expect(result.skipped).toEqual([
      { name: 'explained', reason: 'no such device' },
      { name: 'explained too > inside', reason: 'no such tool' },
    ]);
  });

  it('fails when all that is wrong is an expect that nobody awaited', async () => {
    const result = await run(['unawaited']);
    expect(result.failures).toEqual([
      'outside any test: AssertionError: expected 1 to be 2 // Object.is equality',
    ]);
  });

  describe('of many files', () => {
    let result: SuiteResult;

    beforeAll(async () => {
      const names = [
        'good',
        'timer',
        'failing',
        'throwing',
        'hook',
        'tidying',
        'silent',
        'exiting',
        'empty',
        'absent',
      ];
      result = await run(names);
    }, 60_000);

    it.each<readonly [Name | 'absent', string]>([
      ['timer', 'outside any test: Error: from a timer'],
      ['failing', 'failing'],
      ['throwing', 'throwing.test.mjs: Error: while loading'],
      ['hook', 'hook.test.mjs: Error: in a hook'],
      ['tidying', 'tidying.test.mjs: Error: in afterAll'],
      ['silent', 'skipped without a reason (or another test has .only): silent'],
      ['exiting', 'exiting'],
      ['empty', 'empty.test.mjs: Error: No test suite found in file'],
      ['absent', 'did not run: absent.test.mjs'],
    ])('fails for the one that is %s', (_, failure) => {
      expect(failuresOf(result, failure)).toHaveLength(1);
    });

    it('still counts what passed', () => {
      expect(result.passed).toBe(3);
    });
  });

  it('fails in CI for .only and for a golden file that is missing', async () => {
    const result = await run(['only', 'snapshot'], { CI: '1' });
    expect(failuresOf(result, 'snapshot', 'only')).toHaveLength(2);
  });

  it('that is interrupted lets the running test end and tidy up, and fails', async () => {
    const abort = new AbortController();
    const lines: string[] = [];
    const output = createOutput('', (text) => {
      lines.push(text);
      if (text.includes('it runs')) abort.abort();
    });
    const env = { HEDDLE_TIDIED: join(root, 'tidied') };
    const { signal } = abort;
    const result = await runVitest({ project: 'unit', files: ['slow.test.mjs'], root, output, env, signal });
    expect(result.failures).toEqual(['unit: interrupted']);
    expect(existsSync(env.HEDDLE_TIDIED)).toBe(true);
  });

  it('fails when there is no file', async () => {
    expect((await run([])).failed).toBe(1);
  });
});
