// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../../api/index.ts';
import { keyOf } from '../../../api/key.ts';
import { addressesOf } from '../../../api/net/address.ts';
import type { Claim } from '../addresses/ledger.ts';

/** What a Port claims. An address that does not parse claims nothing: the schema lets none through. */
export function claimOf(port: Port): Claim {
  const { vni, addresses = [], mac, instance } = port.spec;
  return {
    key: keyOf(port),
    vni,
    addresses: addressesOf(addresses),
    mac: vni === undefined ? undefined : mac,
    instance,
    createdAt: port.metadata.creationTimestamp,
  };
}
