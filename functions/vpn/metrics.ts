// SPDX-License-Identifier: Apache-2.0
import type { PeerReport } from '../../api/vpn-report.ts';
import { Gauge, type Registry } from '../../kube/base/metrics.ts';

/** Registers the metrics of peers, read at each scrape. */
export function registerMetrics(registry: Registry, read: () => Promise<readonly PeerReport[]>): void {
  const registers = [registry];
  const perPeer = [
    [
      'heddle_vpn_peer_rx_bytes',
      'Bytes received from a peer since the gateway began',
      (p: PeerReport) => p.rxBytes,
    ],
    [
      'heddle_vpn_peer_tx_bytes',
      'Bytes sent to a peer since the gateway began',
      (p: PeerReport) => p.txBytes,
    ],
    [
      'heddle_vpn_peer_last_handshake_seconds',
      'When a peer last proved who it is, in seconds since 1970; 0 is never',
      (p: PeerReport) => p.latestHandshake ?? 0,
    ],
    ['heddle_vpn_peer_connected', '1 while a peer is connected', (p: PeerReport) => Number(p.connected)],
  ] as const;
  for (const [name, help, figure] of perPeer) {
    new Gauge({
      name,
      help,
      labelNames: ['peer'] as const,
      registers,
      async collect() {
        const peers = await read();
        this.reset();
        for (const peer of peers) this.set({ peer: peer.name }, figure(peer));
      },
    });
  }
}
