// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { instanceMac } from '../../../../api/context/context.ts';
import { parsePortMac } from '../../../../api/context/mac.ts';
import { formatMac } from '../../../../api/net/mac.ts';

test.for([
  ['00:00:00:00:00:00', 'all zero'],
  ['01:00:5e:00:00:01', 'multicast'],
  ['ff:ff:ff:ff:ff:ff', 'multicast'],
  ['0a:00:00:0c:00:07', 'begins with 0a'],
  ['0e:00:00:00:00:07', 'begins with 0e:00:00:00'],
] as const)('a Port cannot have %s: %s', ([text, reason]) => {
  expect(() => parsePortMac(text)).toThrow(reason);
});

test.for(['06:12:34:56:78:9a', '0e:00:00:01:00:07', '0e:01:00:00:00:07', '02:00:00:00:00:01'])(
  'a Port can have %s',
  (text) => {
    expect(formatMac(parsePortMac(text))).toBe(text);
  },
);

test('the hardware address of an instance holds its number', () => {
  expect(formatMac(instanceMac(0x1234))).toBe('0e:00:00:00:12:34');
});

test('the schema of Ports keeps the same hardware addresses', () => {
  const schema = readFileSync(new URL('../../../../crds/ports.yaml', import.meta.url), 'utf8');
  const prefixes = [...schema.matchAll(/self\.mac\.startsWith\('([0-9a-f:]+)'\)/g)].map(
    ([, prefix]) => prefix!,
  );
  expect(prefixes.length).toBeGreaterThan(3);
  for (const prefix of prefixes) {
    const mac = `${prefix}11:11:11:11:11`.replace(/::/g, ':').slice(0, 17);
    expect(() => parsePortMac(mac), mac).toThrow(/begins with|all zero|multicast/);
  }
});
