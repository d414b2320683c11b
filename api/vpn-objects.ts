import type { VPNPeerSpec, VPNPeerStatus, VPNSpec, VPNStatus } from './generated/types.ts';
import type { ObjectMeta } from './objects.ts';

/** A WireGuard gateway of a network. */
export interface Vpn {
  readonly apiVersion: 'heddle.dev/v1alpha1';
  readonly kind: 'VPN';
  readonly metadata: ObjectMeta;
  readonly spec: VPNSpec;
  readonly status?: VPNStatus | undefined;
}

/** One peer of a gateway. */
export interface VpnPeer {
  readonly apiVersion: 'heddle.dev/v1alpha1';
  readonly kind: 'VPNPeer';
  readonly metadata: ObjectMeta;
  readonly spec: VPNPeerSpec;
  readonly status?: VPNPeerStatus | undefined;
}
