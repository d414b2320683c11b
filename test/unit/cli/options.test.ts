// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { type Asked, Complaint, complainOf, NOT_INSTALLED } from '../../../cli/complaint.ts';
import { parseCommand, splitVerb } from '../../../cli/options.ts';
import { choosePaint, plain } from '../../../cli/print/paint.ts';
import { formatTable } from '../../../cli/print/table.ts';
import { ApiError } from '../../../kube/api-error.ts';
import { UsageError } from '../../../kube/base/flags.ts';

describe('the command line', () => {
  test('knows the flags that kubectl has', () => {
    expect(
      parseCommand(['-n', 'shop', '-o', 'json', '--context', 'kind', '--kubeconfig', 'file'], {}),
    ).toMatchObject({
      kind: 'Run',
      common: {
        namespace: 'shop',
        output: 'json',
        context: 'kind',
        kubeconfig: 'file',
        systemNamespace: 'heddle-system',
      },
    });
    expect(parseCommand(['-A'], {})).toMatchObject({ common: { allNamespaces: true, namespace: undefined } });
    expect(parseCommand(['--help'], {})).toEqual({ kind: 'Help' });
  });

  test.each([
    [['-o', 'yaml'], '--output: "yaml" is not table or json'],
    [['-A', '-n', 'shop'], 'exclude each other'],
    [['--nope'], '--nope'],
    [['word'], "Unexpected argument 'word'"],
  ])('%j is refused by naming what is wrong', (args, message) => {
    expect(() => parseCommand(args, {})).toThrow(UsageError);
    expect(() => parseCommand(args, {})).toThrow(message);
  });
});

describe('the verb', () => {
  test.each([
    [['trace', '--from', 'pod/a'], 'trace', ['--from', 'pod/a']],
    [['-n', 'shop', 'trace', '--port', '80'], 'trace', ['-n', 'shop', '--port', '80']],
    [['-A', '--context=kind', 'status', '-o', 'json'], 'status', ['-A', '--context=kind', '-o', 'json']],
    [['--kubeconfig', 'status', 'drops'], 'drops', ['--kubeconfig', 'status']],
    [['-h'], undefined, ['-h']],
    [[], undefined, []],
  ])('of %j is %s: flags may stand before it, as kubectl’s own', (args, verb, rest) => {
    expect(splitVerb(args)).toEqual({ verb, rest });
  });
});

describe('a failure of the API server', () => {
  const asked: Asked = { verb: 'list', resource: 'servicechains.heddle.dev' };
  const message = (status: number, more: Partial<Asked> = {}): string => {
    const complaint = complainOf(new ApiError({ status, reason: 'x', message: 'the text' }), {
      ...asked,
      ...more,
    });
    expect(complaint).toBeInstanceOf(Complaint);
    return (complaint as Complaint).message;
  };

  test('for want of a right names the verb, the resource and where', () => {
    expect(message(403)).toBe(
      'you may not list servicechains.heddle.dev in all namespaces: ask for a Role with verb "list" on "servicechains.heddle.dev", or look at one namespace with -n NAMESPACE',
    );
    expect(message(403, { namespace: 'shop' })).toBe(
      'you may not list servicechains.heddle.dev in namespace shop: ask for a Role with verb "list" on "servicechains.heddle.dev"',
    );
  });

  test('for want of the resource says that Heddle is not installed', () => {
    expect(message(404)).toBe(NOT_INSTALLED);
  });

  test('for want of a server, or of credentials, says that', () => {
    expect(message(0)).toContain('does not answer');
    expect(message(401)).toContain('credentials');
    expect(message(500)).toBe('cannot list servicechains.heddle.dev in all namespaces: the text');
  });

  test('that is none of it stays as it is', () => {
    const error = new TypeError('ours');
    expect(complainOf(error, asked)).toBe(error);
  });
});

describe('what is printed', () => {
  test('has colours only at a terminal, and not where they are declined', () => {
    expect(choosePaint(true, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(choosePaint(false, {})).toBe(plain);
    expect(choosePaint(true, { NO_COLOR: '1' })).toBe(plain);
    expect(choosePaint(true, { TERM: 'dumb' })).toBe(plain);
  });

  test('stands in columns, colours or not', () => {
    const paint = choosePaint(true, {});
    expect(
      formatTable(
        ['A', 'B'],
        [
          ['long', '1'],
          [paint('red', 'x'), '2'],
        ],
      ),
    ).toBe(`A      B\nlong   1\n${paint('red', 'x')}      2\n`);
  });
});
