// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { checkHidden } from '../../../../cli/status/hidden.ts';
import { summarize } from '../../../../cli/status/summarize.ts';
import { condition, network, port, world } from '../world.ts';

function routed(routes: readonly string[], conditions = [condition('Ready', 'True', 'Ready')]) {
  const base = network(conditions);
  return { ...base, status: { ...base.status, routes: routes.map((cidr) => ({ cidr })) } };
}

test('a network that hides addresses of the cluster is worth knowing, and what it hides', () => {
  const hides = condition('Routed', 'True', 'ClusterRangesAllowed', '10.20.0.0/16 overlaps its pods');
  const seen = world({ networks: [routed(['10.20.0.0/16'], [hides])] });
  expect(summarize(seen).well).toBe(true);
  expect(summarize(seen).findings).toMatchObject([
    {
      severity: 'Notice',
      object: 'VirtualNetwork shop/shop',
      message: 'Routed (ClusterRangesAllowed): 10.20.0.0/16 overlaps its pods',
    },
  ]);
});

test('a pod that does not route the subnet of its own address is a problem', () => {
  const lost = world({ networks: [routed([])], ports: [port('web')] });
  expect(summarize(lost).well).toBe(false);
  expect(checkHidden(lost)).toMatchObject([
    {
      severity: 'Problem',
      object: 'Port shop/web-net1',
      message: expect.stringContaining(
        'interface net1 of pod web has 10.20.0.5, whose subnet the pod does not',
      ),
    },
  ]);
});

test('a pod that routes its subnet is none, a guest by its own list', () => {
  expect(checkHidden(world({ networks: [routed(['10.20.0.0/16'])], ports: [port('web')] }))).toEqual([]);
  expect(checkHidden(world({ ports: [port('web')] }))).toEqual([]);
  const web = port('web');
  const guest = (routes: readonly string[]) => ({
    ...web,
    metadata: { ...web.metadata, namespace: 'guests' },
    spec: { ...web.spec, routes },
  });
  const seen = (routes: readonly string[]) =>
    checkHidden(world({ networks: [routed(['10.20.0.0/16'])], ports: [guest(routes)] }));
  expect(seen(['10.20.0.0/16'])).toEqual([]);
  expect(seen([])).toHaveLength(1);
});
