// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseBlocks, parseCommands } from '../../../../tools/docs/commands.ts';

test('each block of shell commands says who runs it, or that nobody said so', () => {
  const page = [
    'a',
    '```sh run',
    'x',
    '```',
    '```yaml',
    'y: 1',
    '```',
    '```sh by=test/a.test.ts',
    '```',
    '```sh',
    '```',
  ];
  expect(parseBlocks('p.md', page.join('\n')).map(({ line, runner }) => [line, runner])).toEqual([
    [2, { kind: 'run' }],
    [8, { kind: 'by', file: 'test/a.test.ts' }],
    [10, undefined],
  ]);
});

test('a block that is not closed is an error', () => {
  expect(() => parseBlocks('p.md', '```sh run\nx')).toThrow('p.md:1');
});

test('what the comment behind a command promises is read: a failure, or the beginning of its output', () => {
  const commands = parseCommands(
    [
      '# a remark',
      'a --b c \\',
      '  d   # port 80 saw 10.20.0...',
      'e   # nothing: it is dropped',
      'f "#1"',
      'g  # exit 1: it is dropped',
    ].join('\n'),
  );
  expect(commands).toEqual([
    { text: 'a --b c    d', fails: false, says: 'port 80 saw 10.20.0' },
    { text: 'e', fails: true, says: undefined },
    { text: 'f "#1"', fails: false, says: undefined },
    { text: 'g', fails: true, says: undefined },
  ]);
});
