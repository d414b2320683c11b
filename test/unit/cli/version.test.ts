// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { plain } from '../../../cli/print/paint.ts';
import { findSkew, type Program } from '../../../cli/version/skew.ts';
import { formatVersions } from '../../../cli/version/version.ts';

const program = (component: Program['component'], version: string | undefined, name = 'x'): Program => ({
  component,
  name,
  version,
});
const skewOf = (...programs: readonly Program[]) => findSkew(programs).map(({ message }) => message);

describe('releases go together', () => {
  test('with the same minor version, and one apart, whatever the patch', () => {
    const operator = program('operator', '1.4.2');
    expect(skewOf(operator, program('agent', '1.5.0'), program('function', '1.3.9'))).toEqual([]);
    expect(skewOf(operator, program('client', '1.4.0-rc.1'))).toEqual([]);
  });

  test('not with two minor versions between them, nor with another major one', () => {
    const operator = program('operator', '1.4.2');
    expect(skewOf(operator, program('agent', '1.2.0', 'worker'))).toEqual([
      expect.stringContaining('agent worker is 1.2.0, the operator 1.4.2'),
    ]);
    expect(skewOf(operator, program('client', '2.4.2'))).toEqual([
      expect.stringContaining('this kubectl-heddle is 2.4.2'),
    ]);
  });

  test('a program that did not answer is not compared, and nothing is compared without an operator', () => {
    expect(skewOf(program('operator', '1.4.2'), program('agent', undefined))).toEqual([]);
    expect(skewOf(program('agent', '1.2.0'), program('client', '3.0.0'))).toEqual([]);
  });
});

test('programs of one release are one line, and who did not answer says why', () => {
  const programs: readonly Program[] = [
    program('client', '1.0.0', ''),
    ...['a', 'b', 'c', 'd'].map((name) => program('agent', '1.0.0', name)),
    { component: 'function', name: '', version: undefined, why: 'you may not list pods' },
  ];
  expect(formatVersions(programs, [], plain)).toBe(
    [
      'COMPONENT   VERSION                           WHERE',
      'client      1.0.0',
      'agent       1.0.0                             a, b, c and 1 more',
      'function    unknown (you may not list pods)',
      '',
    ].join('\n'),
  );
});
