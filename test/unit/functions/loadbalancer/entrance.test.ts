// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { OutsideEntry } from '../../../../api/selected-pods.ts';
import { entranceRules } from '../../../../functions/loadbalancer/entrance.ts';
import type { Picture } from '../../../../functions/loadbalancer/picture.ts';

const VIPS = { 4: '10.20.0.9', 6: 'fd20::9' };
const enter = { pathId: 12, position: 1, balanced: 1 };

function rules(entries: readonly OutsideEntry[], family: 4 | 6 = 4) {
  const picture: Picture = {
    addresses: VIPS,
    listeners: [
      { name: 'http', protocol: 'tcp', port: 80, targetPort: 8080 },
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
    ],
    affinitySeconds: undefined,
    backends: [],
    seed: 1,
    checks: undefined,
    outside: { entries, ports: { first: 1024, last: 2047 }, mtu: 1450 },
  };
  return entranceRules(picture, family);
}
const addresses = Object.values(VIPS);

test('a client gets the context of the first entry that takes it, and without one is not let in', () => {
  expect(rules([])).toEqual(['drop']);
  expect(rules([{ addresses, enter }])).toEqual(['meta mark set 0x8100000c return', 'drop']);
  expect(rules([{ addresses }])).toEqual(['drop', 'drop']);
});

test('an entry is for its addresses, sources and ports, of the family', () => {
  expect(rules([{ addresses: ['10.20.0.9'], enter }], 6)).toEqual(['drop']);
  const from = ['192.0.2.0/25', '192.0.2.200-192.0.2.201', 'fd00::/8'];
  const first = (entry: Partial<OutsideEntry>, family: 4 | 6 = 4) =>
    rules([{ addresses, ...entry }], family)[0];
  expect(first({ from })).toBe('ip saddr { 192.0.2.0/25, 192.0.2.200-192.0.2.201 } drop');
  expect(first({ from }, 6)).toBe('ip6 saddr { fd00::/8 } drop');
  expect(rules([{ addresses, from: ['fd00::/8'], enter }])).toEqual(['drop']);
  expect(first({ ports: [{ protocol: 'UDP' }] })).toBe('meta l4proto . th dport { udp . 53 } drop');
  expect(first({ ports: [{ protocol: 'TCP', port: 79, endPort: 80 }, { protocol: 'UDP' }] })).toBe('drop');
  expect(rules([{ addresses, enter, ports: [{ protocol: 'TCP', port: 81 }, { protocol: 'ICMP' }] }])).toEqual(
    ['drop'],
  );
});
