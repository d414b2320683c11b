// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { parsePrefix, prefixesMeet } from '../../../../../api/net/prefix.ts';
import type { ClusterRanges } from '../../../../../operator/compile/network/cluster-ranges.ts';
import {
  judgeRoutes,
  MOST_ROUTES,
  type RoutesInput,
} from '../../../../../operator/compile/network/routes.ts';

const services = parsePrefix('10.96.0.0/16');
const clusterRanges: ClusterRanges = (prefix) =>
  prefixesMeet(prefix, services) ? [{ use: 'services', cidr: '10.96.0.0/16' }] : [];

function judge(more: Partial<RoutesInput>) {
  const cidrs = ['10.20.0.0/16', '10.96.0.0/16'];
  return judgeRoutes({ cidrs, clusterRanges, wanted: undefined, before: [], inUse: true, ...more });
}

describe('a range that overlaps the cluster', () => {
  test('is not routed into pods', () => {
    expect(judge({})).toMatchObject({
      routes: [{ cidr: '10.20.0.0/16' }],
      overlaps: [{ cidr: '10.96.0.0/16' }],
    });
    expect(judge({ wanted: { clusterRanges: 'Deny' } }).routes).toEqual([{ cidr: '10.20.0.0/16' }]);
  });

  test('is routed when the network asks for it, and no longer when it asks no more', () => {
    const allowed = judge({ wanted: { clusterRanges: 'Allow' } });
    expect(allowed.routes).toEqual([
      { cidr: '10.20.0.0/16' },
      { cidr: '10.96.0.0/16', clusterRanges: 'Allowed' },
    ]);
    expect(judge({ before: allowed.routes }).routes).toEqual([{ cidr: '10.20.0.0/16' }]);
  });

  test('is kept when pods had it before the cluster grew into it', () => {
    const grown = judge({ before: [{ cidr: '10.20.0.0/16' }, { cidr: '10.96.0.0/16' }] });
    expect(grown.routes[1]).toEqual({ cidr: '10.96.0.0/16', clusterRanges: 'Kept' });
    expect(judge({ before: grown.routes }).routes).toEqual(grown.routes);
  });

  test('is kept by an upgrade in a network with pods, and in no other', () => {
    expect(judge({ before: undefined }).routes[1]).toEqual({ cidr: '10.96.0.0/16', clusterRanges: 'Kept' });
    expect(judge({ before: undefined, inUse: false }).routes).toEqual([{ cidr: '10.20.0.0/16' }]);
  });
});

test('ranges are listed once, in one spelling, and no more than a status has room for', () => {
  expect(judge({ cidrs: ['FD20::/64', 'fd20:0::/64', 'no range'] }).routes).toEqual([{ cidr: 'fd20::/64' }]);
  const cidrs = Array.from({ length: MOST_ROUTES + 3 }, (_, i) => `11.${i >> 8}.${i & 255}.0/24`);
  const { routes, beyond } = judge({ cidrs });
  expect(routes).toHaveLength(MOST_ROUTES);
  expect(beyond).toBe(3);
});
