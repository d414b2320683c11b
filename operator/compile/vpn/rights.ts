import { peersNameOf } from '../../../api/function-names.ts';
import { group, plurals } from '../../../api/index.ts';
import { gatewayConfigNameOf, gatewayKeyNameOf } from '../../../api/vpn-names.ts';
import { grant, READ } from '../function/rights.ts';
import type { Desired, Owner } from '../function/types.ts';

/** The account of a VPN's gateways: they may read their own object and their two Secrets, by name, and write nothing. */
export function compileVpnRights(owner: Owner): readonly [account: Desired, role: Desired, binding: Desired] {
  const secrets = [gatewayKeyNameOf(owner.name), gatewayConfigNameOf(owner.name)].sort();
  return grant(owner, [
    { apiGroups: [group], resources: [plurals.VPN], resourceNames: [owner.name], verbs: READ },
    { apiGroups: [''], resources: ['secrets'], resourceNames: secrets, verbs: READ },
    // Every function's program watches its peers; a gateway's are in its Secret, and this one is never made.
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: [peersNameOf(owner.kind, owner.name)],
      verbs: READ,
    },
  ]);
}
