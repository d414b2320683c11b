// SPDX-License-Identifier: Apache-2.0
import type { VPNPeerSpec, VPNPeerStatus, VPNSpec, VPNStatus } from './generated/types.ts';
import type { HeddleObject } from './objects.ts';

/** A WireGuard gateway of a network. */
export interface Vpn extends HeddleObject<'VPN'> {
  readonly spec: VPNSpec;
  readonly status?: VPNStatus | undefined;
}

/** One peer of a gateway. */
export interface VpnPeer extends HeddleObject<'VPNPeer'> {
  readonly spec: VPNPeerSpec;
  readonly status?: VPNPeerStatus | undefined;
}
