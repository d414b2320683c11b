// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseAlias, renderAlias } from '../../../../agent/apply/devices.ts';

test('the alias of the VXLAN device keeps the port before the last change', () => {
  const first = renderAlias(14789, parseAlias(undefined));
  expect(first).toBe('heddle udp/14789');
  expect(renderAlias(14789, parseAlias(first))).toBe(first);
  const changed = renderAlias(5000, parseAlias(first));
  expect(changed).toBe('heddle udp/5000 before udp/14789');
  expect(renderAlias(5000, parseAlias(changed))).toBe(changed);
  expect(parseAlias(renderAlias(14789, parseAlias(changed)))).toEqual({ port: 14789, formerPort: 5000 });
});

test('an alias that is not of this device says no port', () => {
  expect(parseAlias('something else')).toEqual({});
});
