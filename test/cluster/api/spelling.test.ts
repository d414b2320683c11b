// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { AddressError } from '../../../api/net/address.ts';
import { parsePrefix } from '../../../api/net/prefix.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { openApiServer } from './manifests.ts';

const server = openApiServer(useNamespace('spelling'));

const spellings = [
  '10.0.0.0/8',
  '0.0.0.0/0',
  '10.0.0.1/32',
  '10.0.0.1/8',
  '10.0.0/8',
  '10.0.0.00/8',
  '10.0.0.0/08',
  '10.0.0.0/+8',
  '10.0.0.0/33',
  '10.0.0.0/8 ',
  ' 10.0.0.0/8',
  '10.0.0.0\\8',
  '0x0a.0.0.0/8',
  '10.0.0.0/255.0.0.0',
  '10.0.0.0',
  '::/0',
  'fd20::/64',
  'FD20::/64',
  'fd20:0:0:0::/64',
  'fd20:0000:0000:0000:0000:0000:0000:0000/64',
  'fd20:0:0:0:0:0:0::/64',
  'fd20::1/128',
  'fd20::1/64',
  'fd20::/129',
  'fd20::00000/64',
  'fd20:::/64',
  'fd20::1::/64',
  'fe80::%eth0/64',
  '::ffff:10.0.0.0/104',
  '::ffff:0a00:0/104',
  '::10.0.0.0/104',
  '64:ff9b::10.0.0.0/120',
  '64:ff9b::10.0.0.00/120',
  '64:ff9b::a.0.0.0/120',
  '[fd20::]/64',
  '1:2:3:4:5:6:7:8/128',
  '1:2:3:4:5:6:7:8:9/128',
  '1:2:3:4:5:6:7/128',
  '::2:3:4:5:6:7:8/128',
  '1::3:4:5:6:7:8/128',
];

function isTaken(text: string): boolean {
  try {
    parsePrefix(text);
    return true;
  } catch (error) {
    if (error instanceof AddressError) return false;
    throw error;
  }
}

test.for(spellings)('the API server and the programs agree on %j', async (text) => {
  const refusal = await server.tryCreate({
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Firewall',
    metadata: { name: 'it' },
    spec: { sets: [{ name: 'it', cidrs: [text] }] },
  });
  expect(refusal === undefined).toBe(isTaken(text));
});
