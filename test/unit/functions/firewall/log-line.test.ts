// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseLogLine } from '../../../../functions/firewall/log-line.ts';

test('fields that are no numbers count as 0', () => {
  const line = { 'oob.prefix': 'Drop web', 'oob.mark': 'x', 'ip.protocol': {}, 'raw.pktlen': '12' };
  expect(parseLogLine(JSON.stringify(line))).toMatchObject({
    rule: 'web',
    pathId: 0,
    protocol: '0',
    bytes: 0,
  });
});
