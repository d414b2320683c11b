// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Overlap } from '../../../../../operator/compile/network/routes.ts';
import { judgeRouted } from '../../../../../operator/status/network/routed.ts';

function overlap(cidr: string, routed: Overlap['routed']): Overlap {
  return { cidr, of: { use: 'services', cidr: '10.96.0.0/16' }, routed };
}

test('the condition Routed names the overlap, what is kept out, and what is still in', () => {
  expect(judgeRouted({ routes: [], overlaps: [], beyond: 0 })).toMatchObject({
    status: 'True',
    reason: 'AllRouted',
  });
  const denied = judgeRouted({
    routes: [],
    overlaps: [overlap('10.96.0.0/24', undefined), overlap('10.96.1.0/24', 'Kept')],
    beyond: 1,
  });
  expect(denied).toMatchObject({ status: 'False', reason: 'OverlapsCluster' });
  expect(denied.message).toBe(
    "not routed into pods: 10.96.0.0/24 overlaps 10.96.0.0/16 of the cluster's services; " +
      "10.96.1.0/24 overlaps 10.96.0.0/16 of the cluster's services, still routed in pods that had it before; " +
      'use other ranges, or set spec.routes.clusterRanges: Allow if pods shall reach this network in place of the cluster there',
  );
  expect(judgeRouted({ routes: [], overlaps: [overlap('10.96.1.0/24', 'Kept')], beyond: 0 })).toMatchObject({
    status: 'False',
    reason: 'OverlapsCluster',
  });
  expect(
    judgeRouted({ routes: [], overlaps: [overlap('10.96.1.0/24', 'Allowed')], beyond: 0 }),
  ).toMatchObject({
    status: 'True',
    reason: 'ClusterRangesAllowed',
  });
  expect(judgeRouted({ routes: [], overlaps: [], beyond: 2 })).toMatchObject({
    status: 'False',
    reason: 'TooManyRoutes',
  });
});
