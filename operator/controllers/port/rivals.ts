// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../../api/conditions.ts';
import type { Port } from '../../../api/index.ts';
import { keyOf } from '../../../api/key.ts';
import type { Ledger } from '../../compile/addresses/ledger.ts';
import { claimOf } from '../../compile/ports/claim.ts';
import type { Contender, Rivalry } from '../../compile/ports/claims.ts';
import type { Stores } from '../../observe/stores.ts';

/** A Port as a contender for what it claims. */
export function contenderOf(port: Port): Contender {
  return {
    key: keyOf(port),
    resourceVersion: port.metadata.resourceVersion ?? '',
    accepted: isTrue(port.status?.conditions, 'Accepted'),
  };
}

/** Everything that a Port claims, and for each thing all Ports that claim it. */
export function observeRivals(options: {
  readonly stores: Pick<Stores, 'ports'>;
  readonly ledger: Ledger;
  readonly port: Port;
}): Rivalry[] {
  const { stores, ledger, port } = options;
  const { vni, addresses, mac, instance } = claimOf(port);
  const rivalry = (thing: string, holders: readonly string[]): Rivalry => ({
    thing,
    // A claim that was sent but not seen yet is not a rival: it was written after all that is seen.
    contenders: holders
      .map((key) => stores.ports.get(key))
      .filter((p) => p !== undefined)
      .map(contenderOf),
  });
  return [
    ...(vni === undefined
      ? []
      : addresses.map((address, i) =>
          rivalry(port.spec.addresses?.[i] ?? '', ledger.holdersOf(vni, address)),
        )),
    ...(vni === undefined || mac === undefined ? [] : [rivalry(mac, ledger.holdersOf(vni, mac))]),
    ...(instance === undefined ? [] : [rivalry(`instance ${instance}`, ledger.instanceHolders(instance))]),
  ];
}
