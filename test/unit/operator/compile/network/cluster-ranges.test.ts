// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { parsePrefix } from '../../../../../api/net/prefix.ts';
import { compileClusterRanges } from '../../../../../operator/compile/network/cluster-ranges.ts';
import type { Node } from '../../../../../operator/observe/stores.ts';

function node(name: string, podCIDRs: readonly string[], address: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, labels: {} },
    podCIDRs,
    status: { internalIPs: [address], externalIPs: [`203.0.113.${name.length}`], ready: true },
  };
}

const find = compileClusterRanges({
  nodes: [
    node('a', ['10.244.0.0/24', 'fd00:10::/64'], '192.168.1.10'),
    node('bb', ['10.244.1.0/24', 'not a range'], '192.168.1.11'),
  ],
  serviceCidrs: [
    { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', spec: { cidrs: ['10.96.0.0/16'] } },
  ],
  apiService: { apiVersion: 'v1', kind: 'Service', spec: { clusterIPs: ['172.30.0.1'] } },
  named: [parsePrefix('10.0.0.0/8'), parsePrefix('100.64.0.0/10')],
});

describe('a range overlaps the cluster when it', () => {
  test.each([
    ['contains a range of Services', '10.64.0.0/10', 'services'],
    ['is within a range that the chart names', '10.3.0.0/16', 'cluster'],
    ['is a range that the chart names', '100.64.0.0/10', 'cluster'],
    ['is within the range of the pods of a node', 'fd00:10::1:0/112', 'pods'],
    ['contains a node', '192.168.0.0/16', 'nodes'],
    ['is a node', '192.168.1.11/32', 'nodes'],
    ['is an external address of a node', '203.0.113.2/32', 'nodes'],
    ['has the address of the API server', '172.16.0.0/12', 'services'],
  ])('%s', (_what, cidr, use) => {
    expect(find(parsePrefix(cidr)).map((range) => range.use)).toContain(use);
  });
  test.each(['192.168.2.0/24', '11.0.0.0/8', 'fd20::/64', '9.255.255.0/24', '172.30.0.2/32'])(
    'and not: %s',
    (cidr) => {
      expect(find(parsePrefix(cidr))).toEqual([]);
    },
  );
});

test('a range that overlaps several uses of the cluster is said to overlap each', () => {
  expect(find(parsePrefix('0.0.0.0/0'))).toMatchObject([
    { use: 'services' },
    { use: 'pods' },
    { use: 'nodes' },
    { use: 'cluster' },
  ]);
  expect(find(parsePrefix('10.244.0.0/16')).map(({ use }) => use)).toEqual(['pods', 'cluster']);
});

test('an overlap is found among thousands of nodes as by looking at each', () => {
  const nodes = Array.from({ length: 2000 }, (_, i) =>
    node('n', [`10.${i >> 8}.${i & 255}.0/24`], `192.168.${i >> 8}.${i & 255}`),
  );
  const many = compileClusterRanges({ nodes, serviceCidrs: [], apiService: undefined, named: [] });
  expect(many(parsePrefix('10.7.207.128/25'))).toEqual([{ use: 'pods', cidr: '10.7.207.0/24' }]);
  expect(many(parsePrefix('10.7.208.0/24'))).toEqual([]);
  expect(many(parsePrefix('192.168.7.207/32'))[0]?.use).toBe('nodes');
  expect(many(parsePrefix('192.168.7.208/32'))).toEqual([]);
  expect(many(parsePrefix('0.0.0.0/0'))).toHaveLength(2);
});
