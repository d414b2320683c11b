// SPDX-License-Identifier: Apache-2.0
import type { ReportedState } from './report.ts';

/** The report of a gateway at `GET /report`, besides the fields of every program. */
export interface GatewayReport {
  /** Role of the gateway, as far as it knows. */
  readonly role: 'Active' | 'Standby';
  /** The WireGuard implementation in use; absent before the gateway has set one up. */
  readonly wireGuard: 'Kernel' | 'Userspace' | undefined;
  readonly peers: readonly PeerReport[];
}

/** The complete answer of a gateway. */
export interface GatewayAnswer extends GatewayReport, ReportedState {}

/** A peer in the gateway's WireGuard. */
export interface PeerReport {
  readonly name: string;
  readonly publicKey: string;
  /** Time of the last handshake in seconds since 1970; absent when there was none. */
  readonly latestHandshake: number | undefined;
  /** Endpoint from which the peer was last heard. */
  readonly endpoint: string | undefined;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly connected: boolean;
}

/**
 * Age of a handshake up to which a peer counts as connected. A connected peer renews its keys every two minutes, and
 * keys older than three are not used any more.
 */
export const CONNECTED_SECONDS = 180;

/** Pure: whether a peer with this last handshake counts as connected. */
export function isConnected(latestHandshake: number | undefined, now: Date): boolean {
  return latestHandshake !== undefined && now.getTime() / 1000 - latestHandshake <= CONNECTED_SECONDS;
}
