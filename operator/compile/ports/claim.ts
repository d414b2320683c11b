import { type Address, type Port, tryParseAddress } from '../../../api/index.ts';
import type { Claim } from '../addresses/ledger.ts';

/** What a Port claims. An address that does not parse claims nothing: the schema lets none through. */
export function claimOf(port: Port): Claim {
  const { vni, addresses = [], mac, instance } = port.spec;
  return {
    key: `${port.metadata.namespace}/${port.metadata.name}`,
    vni,
    addresses: addresses.map(tryParseAddress).filter((address): address is Address => address !== undefined),
    mac: vni === undefined ? undefined : mac,
    instance,
    createdAt: port.metadata.creationTimestamp,
  };
}
