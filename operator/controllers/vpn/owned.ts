import type { Vpn, VpnPeer } from '../../api/vpn-objects.ts';
import type { KubeObject } from '../../runtime/object.ts';

/** Whether an object goes with this very VPN or peer, and not with one of the same name before it. */
export function isOwned(object: KubeObject | undefined, owner: Vpn | VpnPeer): boolean {
  return object?.metadata?.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) ?? false;
}
