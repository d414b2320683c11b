// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { observeGatewayInputs } from '../../../../../operator/controllers/vpn/inputs.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';
import { vpn } from '../../vpn-world.ts';

function storesWith(resourceVersion: string) {
  const stores = createStores();
  stores.secrets.set({
    metadata: { name: 'heddle-vpn-branch-config', namespace: 'shop', uid: 'config', resourceVersion },
    data: {},
  });
  return stores;
}

test('no gateway is current while the config that was written last is not seen', () => {
  const before = observeGatewayInputs(storesWith('7'), vpn(), { replaced: undefined });
  expect(before).toBeDefined();
  expect(observeGatewayInputs(storesWith('7'), vpn(), { replaced: '7' })).toBeUndefined();
  const after = observeGatewayInputs(storesWith('8'), vpn(), { replaced: '7' });
  expect(after).toBeDefined();
  expect(after).not.toBe(before);
});
