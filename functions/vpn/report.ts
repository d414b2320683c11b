// SPDX-License-Identifier: Apache-2.0
import type { GatewayConfig } from '../../api/vpn-gateway.ts';
import { type GatewayReport, isConnected, type PeerReport } from '../../api/vpn-report.ts';
import type { WgDevice } from './wg.ts';

/**
 * Pure: the report of each peer. A standby gateway reports nothing of them, even if it heard from them when it was
 * active.
 */
export function reportPeers(
  config: GatewayConfig | undefined,
  known: { readonly role: GatewayReport['role']; readonly device: WgDevice | undefined; readonly now: Date },
): readonly PeerReport[] {
  const heard = known.role === 'Active' ? (known.device?.peers ?? []) : [];
  const byKey = new Map(heard.map((peer) => [peer.publicKey, peer]));
  return (config?.peers ?? []).map(({ name, publicKey }) => {
    const peer = byKey.get(publicKey);
    return {
      name,
      publicKey,
      latestHandshake: peer?.latestHandshake,
      // Before a handshake, the endpoint is only where the gateway tries to reach the peer.
      endpoint: peer?.latestHandshake === undefined ? undefined : peer.endpoint,
      rxBytes: peer?.rxBytes ?? 0,
      txBytes: peer?.txBytes ?? 0,
      connected: isConnected(peer?.latestHandshake, known.now),
    };
  });
}
