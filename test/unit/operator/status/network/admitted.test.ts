// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { judgeAdmitted } from '../../../../../operator/status/network/admitted.ts';
import { makeNetwork, makePod, makeStores, planFor, settle } from '../../world.ts';

test('the condition Admitted names the pods that stay or leave', () => {
  const network = makeNetwork('net', {
    spec: { attach: { namespaces: 'All' } },
    status: { vni: 7, mtu: 1450, routes: [{ cidr: '10.20.0.0/24' }] },
  });
  const stores = makeStores([network]);
  const pod = makePod('guest', { namespace: 'guests', networks: 'shop/net, shop/net' });
  const ports = settle(stores, planFor(stores, pod));
  expect(judgeAdmitted(network, [])).toMatchObject({ status: 'True', reason: 'AllAdmitted' });
  const stays = judgeAdmitted(network, ports);
  expect(stays).toMatchObject({ status: 'False', reason: 'GuestsStay' });
  expect(stays.message).toMatch(/^pods guests\/guest are of .*spec\.attach\.evict: true$/);
  const evicts = makeNetwork('net', { spec: { attach: { namespaces: 'Same', evict: true } } });
  expect(judgeAdmitted(evicts, ports)).toMatchObject({ status: 'False', reason: 'GuestsLeaving' });
});
