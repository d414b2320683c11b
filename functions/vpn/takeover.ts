// SPDX-License-Identifier: Apache-2.0
import type { GatewayState } from './render.ts';
import type { PeerChange, WgPeer } from './wg.ts';

/**
 * The state of a takeover. A gateway that takes over has no sessions, and its peers do not know that: a WireGuard
 * client notices only after 15 seconds without an answer. So the gateway begins a handshake with every peer that was
 * connected, at the endpoint where it was last heard from. The client accepts the new session at once, whatever the
 * state of its old one.
 */
export interface Takeover {
  /** Seconds since 1970 when this gateway became the active one: handshakes before do not count. */
  readonly since: number;
  /** The peers that have not answered yet, by key, and their last endpoints. */
  readonly waiting: ReadonlyMap<string, string>;
}

export const NO_TAKEOVER: Takeover = { since: 0, waiting: new Map() };

/** Pure: the takeover of a gateway that has just become the active one. */
export function beginTakeover(state: GatewayState, now: Date): Takeover {
  return { since: Math.floor(now.getTime() / 1000), waiting: state.endpoints };
}

/** Pure: the takeover without the peers that have a session with this very interface; they need no handshake. */
export function withoutConnected(takeover: Takeover, peers: readonly WgPeer[]): Takeover {
  const connected = new Set(
    peers.filter(({ latestHandshake }) => latestHandshake !== undefined).map(({ publicKey }) => publicKey),
  );
  const waiting = [...takeover.waiting].filter(([key]) => !connected.has(key));
  return { since: takeover.since, waiting: new Map(waiting) };
}

/**
 * Pure: the takeover without the peers that have answered, have begun a handshake themselves, or are not wanted any
 * more.
 */
export function advanceTakeover(takeover: Takeover, state: GatewayState, peers: readonly WgPeer[]): Takeover {
  const answered = new Set(
    peers
      .filter(({ latestHandshake }) => latestHandshake !== undefined && latestHandshake >= takeover.since)
      .map(({ publicKey }) => publicKey),
  );
  const wanted = new Set(state.peers.map(({ publicKey }) => publicKey));
  const waiting = [...takeover.waiting].filter(([key]) => wanted.has(key) && !answered.has(key));
  return { since: takeover.since, waiting: new Map(waiting) };
}

/**
 * Pure: the changes that make WireGuard begin a handshake with the waiting peers. WireGuard begins one when a peer's
 * keepalive is switched on, and then sends none for five seconds. A peer that is removed and added again has no such
 * delay, and it has no session that could suffer.
 */
export function speakTo(takeover: Takeover, state: GatewayState): readonly PeerChange[] {
  const waiting = state.peers.filter(({ publicKey }) => takeover.waiting.has(publicKey));
  return [
    ...waiting.map(({ publicKey }): PeerChange => ({ kind: 'Remove', publicKey })),
    ...waiting.map(
      ({ publicKey, presharedKey, allowedIPs }): PeerChange => ({
        kind: 'Set',
        publicKey,
        presharedKey: presharedKey ?? null,
        endpoint: takeover.waiting.get(publicKey)!,
        keepalive: SPOKEN_KEEPALIVE,
        allowedIPs,
      }),
    ),
  ];
}

/** The keepalive interval that starts a handshake; it is off again when the peer has answered. */
export const SPOKEN_KEEPALIVE = 25;

/** Pure: switches off the keepalive of peers that have answered; their own keepalive keeps the path open. */
export function hushAnswered(before: Takeover, after: Takeover): readonly PeerChange[] {
  return [...before.waiting.keys()]
    .filter((key) => !after.waiting.has(key))
    .map((publicKey) => ({ kind: 'Set', publicKey, keepalive: 0 }));
}

/**
 * The first handshakes come twice a second, since an answer may be lost. Later ones are rare, for peers that come back.
 */
const OFTEN_MS = 500;
const SELDOM_MS = 5000;
const OFTEN_FOR_MS = 10_000;
const FOR_MS = 120_000;

/** Pure: when to try the next handshake; undefined when it is not worth it any more. */
export function nextWordMs(takeover: Takeover, now: Date): number | undefined {
  if (takeover.waiting.size === 0) return undefined;
  const age = now.getTime() - takeover.since * 1000;
  if (age > FOR_MS) return undefined;
  return age < OFTEN_FOR_MS ? OFTEN_MS : SELDOM_MS;
}
