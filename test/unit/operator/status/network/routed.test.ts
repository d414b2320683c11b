// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Overlap } from '../../../../../operator/compile/network/routes.ts';
import { judgeRouted } from '../../../../../operator/status/network/routed.ts';

function overlap(cidr: string, routed: Overlap['routed']): Overlap {
  return { cidr, of: [{ use: 'services', cidr: '10.96.0.0/16' }], routed };
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
    'not routed into pods, and no address of it is given: 10.96.0.0/24 overlaps the cluster: its services (10.96.0.0/16); ' +
      '10.96.1.0/24 overlaps the cluster: its services (10.96.0.0/16); still routed in pods that had it before; ' +
      'use other ranges, or set spec.routes.clusterRanges: Allow if pods shall reach this network in place of the cluster there',
  );
  expect(judgeRouted({ routes: [], overlaps: [overlap('10.96.1.0/24', 'Kept')], beyond: 0 })).toMatchObject({
    status: 'False',
    reason: 'OverlapsCluster',
  });
  const uses = [
    { use: 'services', cidr: '10.96.0.0/16' },
    { use: 'pods', cidr: '10.244.0.0/24' },
    { use: 'nodes', cidr: '10.89.0.2/32' },
  ] as const;
  const hiding = { cidr: '10.0.0.0/8', of: uses, routed: 'Allowed' } as const;
  expect(judgeRouted({ routes: [], overlaps: [hiding], beyond: 0 })).toMatchObject({
    status: 'True',
    reason: 'ClusterRangesAllowed',
    message: expect.stringContaining(
      '10.0.0.0/8 overlaps the cluster: its services (10.96.0.0/16), its pods (10.244.0.0/24), its nodes (10.89.0.2/32)',
    ),
  });
  expect(judgeRouted({ routes: [], overlaps: [], beyond: 2 })).toMatchObject({
    status: 'False',
    reason: 'TooManyRoutes',
  });
});
