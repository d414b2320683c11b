// SPDX-License-Identifier: Apache-2.0
import type { ReportedState } from './report.ts';

/** What a gateway says of itself at `GET /report`, besides what every program says. */
export interface GatewayReport {
  /** Whether it is the one that peers talk to, as far as it knows. */
  readonly role: 'Active' | 'Standby';
  /** Whose WireGuard it uses; absent before the first. */
  readonly wireGuard: 'Kernel' | 'Userspace' | undefined;
  readonly peers: readonly PeerReport[];
}

/** The whole of a gateway's answer. */
export interface GatewayAnswer extends GatewayReport, ReportedState {}

/** One peer as the gateway's WireGuard has it. */
export interface PeerReport {
  readonly name: string;
  readonly publicKey: string;
  /** Seconds since 1970; absent when there was none. */
  readonly latestHandshake: number | undefined;
  /** Where it was last heard from. */
  readonly endpoint: string | undefined;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly connected: boolean;
}

/** A connected peer renews its keys every two minutes, and keys older than three are not used any more. */
export const CONNECTED_SECONDS = 180;

/** Pure: whether a peer with this last handshake counts as connected. */
export function isConnected(latestHandshake: number | undefined, now: Date): boolean {
  return latestHandshake !== undefined && now.getTime() / 1000 - latestHandshake <= CONNECTED_SECONDS;
}
