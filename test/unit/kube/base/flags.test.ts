// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { readChoice, readFlags, readNumber, UsageError } from '../../../../kube/base/flags.ts';

const FLAGS = { port: { type: 'string', short: 'p', default: '1' }, all: { type: 'boolean' } } as const;

describe('the flags of a program', () => {
  test('are those of its table, with their defaults', () => {
    expect({ ...readFlags(['--all'], FLAGS).values }).toEqual({ port: '1', all: true });
    expect(readFlags(['one', '-p', '2', 'two'], FLAGS, true)).toMatchObject({
      values: { port: '2' },
      positionals: ['one', 'two'],
    });
  });

  test.for([
    ['an unknown flag', ['--prot=1'], '--prot'],
    ['a flag without its value', ['--port'], '--port'],
    ['a word where none is taken', ['extra'], 'extra'],
  ] as const)('refuse %s and name it', ([, args, name]) => {
    expect(() => readFlags(args, FLAGS)).toThrow(UsageError);
    expect(() => readFlags(args, FLAGS)).toThrow(name);
  });
});

describe('a number', () => {
  const range = { what: 'a port', least: 1, most: 65_535 };

  test('is whole and within its bounds', () => {
    expect([readNumber('port', '1', range), readNumber('port', '65535', range)]).toEqual([1, 65_535]);
  });

  test.for(['0', '65536', '', ' 1', '-1', '1.5', '1e3', '0x10', 'many'])('is not "%s"', (text) => {
    expect(() => readNumber('port', text, range)).toThrow(
      `--port must be a port from 1 to 65535, not "${text}"`,
    );
  });
});

test('a choice is one of its words', () => {
  expect(readChoice('output', 'json', ['table', 'json'])).toBe('json');
  expect(() => readChoice('output', 'xml', ['table', 'json'])).toThrow(
    '--output must be one of table, json, not "xml"',
  );
});
