// SPDX-License-Identifier: Apache-2.0
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { renderKindConfig } from '../../../../tools/kind/kind-config.ts';
import { parseNodes, renderConflist, renderMasquerade, routesOf } from '../../../../tools/kind/network.ts';

const nodes = [
  { name: 'a', addresses: ['10.89.0.2', 'fc00::2'], podCidrs: ['10.244.0.0/24', 'fd00:10:244::/64'] },
  { name: 'b', addresses: ['10.89.0.3', 'fc00::3'], podCidrs: ['10.244.1.0/24', 'fd00:10:244:1::/64'] },
] as const;

test('a built node image gets no network from kind, a published one does', () => {
  const built = load(renderKindConfig({ workers: 2, ownNetwork: true, dualStack: true })) as Record<
    string,
    unknown
  >;
  expect(built.networking).toEqual({ kubeProxyMode: 'nftables', disableDefaultCNI: true, ipFamily: 'dual' });
  expect(built.nodes).toEqual([{ role: 'control-plane' }, { role: 'worker' }, { role: 'worker' }]);
  const published = load(renderKindConfig({ workers: 2, ownNetwork: false, dualStack: false }));
  expect(published).toMatchObject({ networking: { kubeProxyMode: 'nftables' } });
});

test("nodes' addresses and pod ranges are read from kubectl", () => {
  const item = {
    metadata: { name: 'a' },
    spec: { podCIDRs: ['10.244.0.0/24'] },
    status: {
      addresses: [
        { type: 'InternalIP', address: '10.89.0.2' },
        { type: 'Hostname', address: 'a' },
      ],
    },
  };
  expect(parseNodes(JSON.stringify({ items: [item] }))).toEqual([
    { name: 'a', addresses: ['10.89.0.2'], podCidrs: ['10.244.0.0/24'] },
  ]);
});

test('a node reaches the pods of every other node in both families, never its own', () => {
  expect(routesOf(nodes[0], nodes)).toEqual([
    ['-4', 'route', 'replace', '10.244.1.0/24', 'via', '10.89.0.3'],
    ['-6', 'route', 'replace', 'fd00:10:244:1::/64', 'via', 'fc00::3'],
  ]);
});

test('pods get an address and a default route of each family', () => {
  const [ptp] = JSON.parse(renderConflist(nodes[1])).plugins;
  expect(ptp.ipam.ranges).toEqual([[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:10:244:1::/64' }]]);
  expect(ptp.ipam.routes).toEqual([{ dst: '0.0.0.0/0' }, { dst: '::/0' }]);
});

test('only traffic that leaves the cluster is masqueraded', () => {
  const rules = renderMasquerade(nodes[0], nodes);
  expect(rules).toContain(
    'ip saddr 10.244.0.0/24 ip daddr != { 10.244.0.0/24, 10.89.0.2, 10.244.1.0/24, 10.89.0.3 } masquerade',
  );
  expect(rules).toContain('ip6 saddr fd00:10:244::/64 ip6 daddr != { fd00:10:244::/64, fc00::2,');
});
