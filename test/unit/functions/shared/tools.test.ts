// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createNft, NftError } from '../../../../functions/shared/nft/nft.ts';
import { createTools, runTool, ToolError, withFiles } from '../../../../functions/shared/tools.ts';

test('a tool answers what it wrote, and is complained of in its own words', async () => {
  const { run, runWith } = createTools();
  expect(await run('printf', ['%s', 'a b'])).toBe('a b');
  expect(await runWith('cat', ['one', 'two'], (paths) => paths)).toBe('onetwo');
  const failed = run('sh', ['-c', 'echo no >&2; echo way >&2; exit 3']);
  await expect(failed).rejects.toThrow(new ToolError('sh: no; way'));
  await expect(run('sh', ['-c', 'exit 3'])).rejects.toThrow('sh: 3');
  await expect(run('heddle-no-such-tool', [])).rejects.toThrow('heddle-no-such-tool: ENOENT');
  await expect(runTool(['sleep'], ['5'], { longestMs: 20 })).rejects.toThrow('sleep: SIGTERM');
});

test('files of keys are for us alone, and gone when the work is done or has failed', async () => {
  let seen = '';
  await expect(
    withFiles(['key'], async ([path]) => {
      seen = path!;
      expect(await readFile(seen, 'utf8')).toBe('key');
      expect((await stat(seen)).mode & 0o777).toBe(0o600);
      throw new Error('failed');
    }),
  ).rejects.toThrow('failed');
  await expect(stat(seen)).rejects.toThrow('ENOENT');
});

test('nft is complained of by its first complaint and what that is about', async () => {
  const nft = createNft([
    'sh',
    '-c',
    'printf "x:1:2-3: Error: no such set\\nadd rule x\\n^^^\\n" >&2; exit 1',
  ]);
  await expect(nft.transact('add rule x')).rejects.toThrow(new NftError('nft: no such set (add rule x)'));
});
