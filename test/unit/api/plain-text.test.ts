// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainLines, plainText, plainValue } from '../../../api/plain-text.ts';

// security.md: function-writes-terminal
test('what a terminal would act on is shown instead', () => {
  expect(plainText('a\u001b[2J\u009b31m\u0007b\u007f')).toBe('a\ufffd[2J\ufffd31m\ufffdb\ufffd');
  expect(plainText('one\ntwo\tthree\r\u2028four')).toBe('one two three \ufffdfour');
  expect(plainText('\u202eevil\u2066')).toBe('\ufffdevil\ufffd');
  expect(plainText('\ud800x')).toBe('\ufffdx');
  expect(plainText('Grüße, 東京 👍')).toBe('Grüße, 東京 👍');
});

test('a file keeps its lines', () => {
  expect(plainLines('[Interface]\n\tkey\u001b]0;x\u0007\r\n')).toBe(
    '[Interface]\n\tkey\ufffd]0;x\ufffd\ufffd\n',
  );
});

test('every text of a value is cleaned, names of fields too', () => {
  const value = { 'a\u001b': ['b\u001b', { c: 'd\u009b', n: 1, none: null, yes: true }] };
  expect(plainValue(value)).toEqual({
    'a\ufffd': ['b\ufffd', { c: 'd\ufffd', n: 1, none: null, yes: true }],
  });
});

test('no text keeps a control character, and a clean one stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const plain = plainText(text);
      expect(plain).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      expect(plainText(plain)).toBe(plain);
    }),
  );
});
