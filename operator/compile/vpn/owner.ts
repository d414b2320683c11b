import type { Vpn } from '../../../api/vpn-objects.ts';
import type { Owner } from '../function/types.ts';

/** A VPN as the owner of what is made for it. */
export function ownerOfVpn({ metadata }: Vpn): Owner & { readonly kind: 'VPN' } {
  return { kind: 'VPN', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid ?? '' };
}
