// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress } from '../../api/net/address.ts';
import { formatPrefix } from '../../api/net/prefix.ts';
import { formatRange } from '../../api/net/range.ts';
import { ListError, parseConfigMap, parseList } from '../../functions/firewall/address-list.ts';
import { address, prefix } from '../unit/api/net/arbitrary.ts';
import { changedBytes, mostly, text } from './arbitraries.ts';
import { outcomeOf } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

const line = fc.oneof(
  address.map(formatAddress),
  prefix.map(formatPrefix),
  fc.constantFrom('', '# a comment', '  ', '10.0.0.0/8 # inside', '\r'),
);
const list = fc
  .array(fc.oneof({ weight: 9, arbitrary: line }, text), { maxLength: 8 })
  .map((lines) => lines.join('\n'));

test(
  'a line of a list is an address or is told; what was read means the same when it is written again',
  () => {
    fuzz('address-list', mostly(list), (given) => {
      const { ranges, lines, bad, badLines } = parseList('ConfigMap feed, key a', given);
      expect(ranges.length + badLines).toBe(lines);
      expect(lines).toBeLessThanOrEqual(given.split(/[\r\n]/).length);
      expect(bad).toHaveLength(Math.min(badLines, 3));
      for (const each of bad) expect(each).toMatch(/^ConfigMap feed, key a, line \d+: /);
      expect(parseList('', ranges.map(formatRange).join('\n')).ranges).toEqual(ranges);
    });
  },
  timeoutMs,
);

test(
  'a compressed list is what was compressed, or the error names its key',
  () => {
    const compressed = list.map((lines) => gzipSync(lines, { level: 1 }));
    fuzz('compressed-list', changedBytes(compressed), (bytes) => {
      const source = { binaryData: { 'a.gz': bytes.toString('base64') } };
      const outcome = outcomeOf(() => parseConfigMap('feed', source, 'a.gz'), [ListError]);
      if ('error' in outcome)
        expect(outcome.error.message).toMatch(/^ConfigMap feed, key a\.gz(, line \d+)?: /);
    });
  },
  timeoutMs,
);
