// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { renderNodeTable } from '../../../../agent/render/node-table.ts';

const table = {
  vxlanPort: 14789,
  vxlanDevice: 'heddle0',
  underlayDevices: ['eth0', 'eth1'],
  hasFib: true,
  hasIpvs: false,
};

/** The rules of a chain, without its first line. */
const chain = (text: string, name: string) => {
  const lines = text.split('\n').map((line) => line.trim());
  const start = lines.indexOf(`chain ${name} {`) + 1;
  return lines.slice(start, lines.indexOf('}', start)).filter((line) => !line.startsWith('type '));
};

test('VXLAN is forwarded for nobody: neither the port in use nor the one before it', () => {
  const text = renderNodeTable({ ...table, formerPort: 14790 });
  const rule = 'udp dport { 14789, 14790 } counter name "forwarded-vxlan" drop';
  expect(chain(text, 'forwarded')).toEqual([rule]);
});

test('only the port in use is taken out of connection tracking', () => {
  const text = renderNodeTable({ ...table, formerPort: 14790 });
  expect(chain(text, 'arriving')).toEqual(['udp dport 14789 notrack']);
  expect(chain(text, 'leaving')).toEqual(['udp dport 14789 notrack']);
});

test('what leaves after a translation must come from the VXLAN device or from the node itself', () => {
  // Only IPVS sends such packets past `forward`.
  expect(renderNodeTable(table)).not.toContain('hook postrouting');
  const text = renderNodeTable({ ...table, hasIpvs: true });
  expect(chain(text, 'sent')).toEqual(['udp dport 14789 jump only-own']);
  expect(chain(text, 'only-own')).toEqual([
    'iifname "heddle0" accept',
    'meta iif 0 accept',
    'meta iifkind "vrf" accept',
    'counter name "forwarded-vxlan" drop',
  ]);
});

test('VXLAN is taken in by the underlay’s devices, and by those to which the route back leads', () => {
  const text = renderNodeTable(table);
  expect(chain(text, 'received')).toEqual([
    'udp dport 14789 iifname != { "eth0", "eth1" } jump only-underlay',
  ]);
  expect(chain(text, 'only-underlay')).toEqual([
    'fib saddr . iif oif exists accept',
    'counter name "foreign-vxlan" drop',
  ]);
  const one = renderNodeTable({ ...table, underlayDevices: ['eth0'] });
  expect(chain(one, 'received')).toEqual(['udp dport 14789 iifname != "eth0" jump only-underlay']);
});

test('a kernel without fib takes VXLAN in by every device, and still forwards none', () => {
  const text = renderNodeTable({ ...table, hasFib: false });
  expect(text).not.toContain('hook input');
  expect(text).toContain('hook forward');
});
