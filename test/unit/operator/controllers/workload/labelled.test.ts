// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { functionLabelOf } from '../../../../../api/function-names.ts';
import { findLabelled } from '../../../../../operator/controllers/workload/labelled.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';
import { vpn } from '../../vpn-world.ts';

test('a label names the object of its kind and namespace, also by the hash of a long name, and no other', () => {
  const { vpns } = createStores();
  const long = `branch-${'x'.repeat(80)}`;
  vpns.set(vpn());
  vpns.set({ ...vpn(), metadata: { ...vpn().metadata, name: long, uid: 'long' } });
  const nameOf = (namespace: string, label: string | undefined) =>
    findLabelled('VPN', vpns, { namespace, label })?.metadata.name;
  expect(nameOf('shop', 'vpn.branch')).toBe('branch');
  expect(nameOf('shop', functionLabelOf('VPN', long))).toBe(long);
  expect(nameOf('other', 'vpn.branch')).toBeUndefined();
  expect(nameOf('shop', 'firewall.branch')).toBeUndefined();
  expect(nameOf('shop', 'vpn.other')).toBeUndefined();
  expect(nameOf('shop', undefined)).toBeUndefined();
});
