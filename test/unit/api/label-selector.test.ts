// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseLabelSelector } from '../../../api/label-selector.ts';
import { formatComplaint } from '../../../api/parsed.ts';
import { matchesLabels } from '../../../operator/compile/chain/selector.ts';

const web = { app: 'web', tier: 'front', 'example.com/team': 'shop' };

test.each([
  ['app=web', true],
  ['app==web', true],
  ['app = web , tier=front', true],
  ['app=web,tier=back', false],
  ['app!=db', true],
  ['old!=yes', true],
  ['app in (web, db)', true],
  ['app in (db),tier=front', false],
  ['app notin (db,cache)', true],
  ['example.com/team', true],
  ['!example.com/team', false],
  ['! old', true],
  ['app=', false],
  ['app in (web),tier notin (back),!old', true],
])('%s selects labels as kubectl does: %s', (text, selects) => {
  const parsed = parseLabelSelector(text);
  if (!parsed.ok) throw new Error(formatComplaint(parsed.complaint));
  expect(matchesLabels(parsed.value, web)).toBe(selects);
});

test.each([
  ['', /is empty/],
  ['  ', /is empty/],
  ['app in', /"app in" is no requirement/],
  ['app in web', /no requirement/],
  ['app=web,', /no requirement/],
  [',app=web', /no requirement/],
  ['app in (web', /no requirement/],
  ['app=web)', /no requirement/],
  ['app>1', /no requirement/],
  ['=web', /no requirement/],
  ['app=web db', /no requirement/],
  ['app=-x', /"-x" cannot be the value of a label/],
  [`app=${'x'.repeat(64)}`, /cannot be the value of a label/],
  [Array.from({ length: 65 }, (_, i) => `a${i}`).join(), /more than 64 requirements/],
  ['('.repeat(5000), /longer than 4096 characters/],
  ['app=\u001b[31m', /no requirement|cannot be/],
])('%s is refused', (text, message) => {
  const parsed = parseLabelSelector(text);
  expect(parsed.ok ? '' : formatComplaint(parsed.complaint)).toMatch(message);
});
