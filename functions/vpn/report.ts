import type { GatewayConfig } from '../../operator/api/vpn-gateway.ts';
import { isConnected, type PeerReport } from '../../operator/api/vpn-report.ts';
import type { WgDevice } from './wg.ts';

/** Pure: what is said of each peer. The endpoint that the operator knows stands in until it is heard from here. */
export function reportPeers(
  config: GatewayConfig | undefined,
  device: WgDevice | undefined,
  now: Date,
): readonly PeerReport[] {
  const byKey = new Map((device?.peers ?? []).map((peer) => [peer.publicKey, peer]));
  return (config?.peers ?? []).map(({ name, publicKey }) => {
    const peer = byKey.get(publicKey);
    return {
      name,
      publicKey,
      latestHandshake: peer?.latestHandshake,
      endpoint: peer?.latestHandshake === undefined ? undefined : peer.endpoint,
      rxBytes: peer?.rxBytes ?? 0,
      txBytes: peer?.txBytes ?? 0,
      connected: isConnected(peer?.latestHandshake, now),
    };
  });
}
