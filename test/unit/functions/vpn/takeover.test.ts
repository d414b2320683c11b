// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { GatewayState } from '../../../../functions/vpn/render.ts';
import { CLOSED } from '../../../../functions/vpn/ruleset.ts';
import {
  advanceTakeover,
  beginTakeover,
  hushAnswered,
  nextWordMs,
  speakTo,
  withoutConnected,
} from '../../../../functions/vpn/takeover.ts';
import type { WgPeer } from '../../../../functions/vpn/wg.ts';
import { key, NOW } from '../../operator/vpn-world.ts';

const SINCE = NOW.getTime() / 1000;

const state: GatewayState = {
  role: 'Active',
  privateKey: key(7),
  listenPort: 51820,
  mtu: 1360,
  addresses: [],
  routes: { 4: [], 6: [] },
  ownRoutes: { 4: [], 6: [] },
  ruleset: CLOSED,
  peers: [1, 2, 3].map((byte) => ({
    publicKey: key(byte),
    presharedKey: byte === 1 ? key(9) : undefined,
    allowedIPs: [`10.99.0.${byte}/32`],
  })),
  endpoints: new Map([
    [key(1), '203.0.113.1:1000'],
    [key(2), '203.0.113.2:2000'],
  ]),
};
const begun = beginTakeover(state, NOW);

function heard(byte: number, latestHandshake: number | undefined): WgPeer {
  return {
    publicKey: key(byte),
    presharedKey: undefined,
    endpoint: undefined,
    allowedIPs: [],
    latestHandshake,
    rxBytes: 0,
    txBytes: 0,
  };
}

describe('a takeover', () => {
  test('speaks to those that were connected, where they were, and makes WireGuard begin anew with them', () => {
    expect(speakTo(begun, state)).toEqual([
      { kind: 'Remove', publicKey: key(1) },
      { kind: 'Remove', publicKey: key(2) },
      {
        kind: 'Set',
        publicKey: key(1),
        presharedKey: key(9),
        endpoint: '203.0.113.1:1000',
        keepalive: 25,
        allowedIPs: ['10.99.0.1/32'],
      },
      {
        kind: 'Set',
        publicKey: key(2),
        presharedKey: null,
        endpoint: '203.0.113.2:2000',
        keepalive: 25,
        allowedIPs: ['10.99.0.2/32'],
      },
    ]);
  });

  test('leaves those alone that answered, and takes the keepalive off them; an older handshake is no answer', () => {
    const after = advanceTakeover(begun, state, [heard(1, SINCE + 1), heard(2, SINCE - 60)]);
    expect([...after.waiting.keys()]).toEqual([key(2)]);
    expect(hushAnswered(begun, after)).toEqual([{ kind: 'Set', publicKey: key(1), keepalive: 0 }]);
  });

  test('forgets those that are not wanted any more', () => {
    const fewer = { ...state, peers: state.peers.slice(1) };
    expect([...advanceTakeover(begun, fewer, []).waiting.keys()]).toEqual([key(2)]);
  });

  test('of an interface that peers talk to already speaks to the others only', () => {
    expect([...withoutConnected(begun, [heard(2, SINCE - 60)]).waiting.keys()]).toEqual([key(1)]);
  });

  test('speaks often at first, then seldom, then no more', () => {
    const wordAt = (ms: number) => nextWordMs(begun, new Date(NOW.getTime() + ms));
    expect([0, 9000, 11_000, 121_000].map(wordAt)).toEqual([500, 500, 5000, undefined]);
    expect(nextWordMs({ since: SINCE, waiting: new Map() }, NOW)).toBe(undefined);
  });
});
