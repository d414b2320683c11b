// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseQuestion } from '../../../../functions/firewall/verdict-question.ts';

const right = { path: '7', protocol: '6', source: '10.0.0.1', destination: '10.0.0.2' };

test.each([
  [{ path: '65536' }, 'path: "65536" is not a number that it can be'],
  [{ source: '\u001b[2J' }, 'source: "\\u001b[2J" is not an address'],
  [{ destination: ['10.0.0.2', '10.0.0.3'] }, 'destination: "" is not an address'],
  [{ protocol: [[Object.create(null)]] }, 'protocol: "" is not a number that it can be'],
  [{ source: 'fd00::1' }, 'source and destination are not of one family'],
])('%j is refused: %s', (wrong, complaint) => {
  expect(parseQuestion({ ...right, ...wrong })).toBe(complaint);
});
