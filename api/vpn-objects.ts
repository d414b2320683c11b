import type { VPNPeerSpec, VPNPeerStatus, VPNSpec, VPNStatus } from './generated/types.ts';
import type { apiVersion } from './group.ts';
import type { ObjectMeta } from './objects.ts';

/** A WireGuard gateway of a network. */
export interface Vpn {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'VPN';
  readonly metadata: ObjectMeta;
  readonly spec: VPNSpec;
  readonly status?: VPNStatus | undefined;
}

/** One peer of a gateway. */
export interface VpnPeer {
  readonly apiVersion: typeof apiVersion;
  readonly kind: 'VPNPeer';
  readonly metadata: ObjectMeta;
  readonly spec: VPNPeerSpec;
  readonly status?: VPNPeerStatus | undefined;
}
