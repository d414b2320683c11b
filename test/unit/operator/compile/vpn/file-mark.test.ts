// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { VPNPeerSpec, VPNSpec } from '../../../../../api/index.ts';
import { annotations } from '../../../../../api/names.ts';
import { formatAddress } from '../../../../../api/net/address.ts';
import { formatMark, parseMark } from '../../../../../operator/compile/vpn/file-mark.ts';
import { compilePeerSecret } from '../../../../../operator/compile/vpn/secrets.ts';
import { storedFileOf } from '../../../../../operator/compile/vpn/stored.ts';
import type { DecidedPeer, PeerInput, VpnBlueprint } from '../../../../../operator/compile/vpn/types.ts';
import { decide, input, key, NOW, peer, vpn } from '../../vpn-world.ts';

const CONNECTED = '2026-11-28T11:59:00Z';
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);

/** A peer whose Secret lives from pass to pass, as in a cluster. */
class Life {
  #stored: PeerInput['storedFile'];
  #addresses: readonly string[] = [];
  decided: DecidedPeer | undefined;
  lastHandshake: string | undefined = CONNECTED;

  pass(
    change: Partial<VPNSpec> = {},
    more: Partial<VpnBlueprint> & { peer?: Partial<VPNPeerSpec> } = {},
  ): void {
    const { peer: spec, ...blueprint } = more;
    const object = peer('laptop', spec, { addresses: this.#addresses });
    const status = { ...object.status, ...(this.lastHandshake && { lastHandshake: this.lastHandshake }) };
    const stored = { privateKey: key(0x21), presharedKey: key(0x22) };
    const decided = decide(
      [input({ ...object, status }, { stored, ...(this.#stored && { storedFile: this.#stored }) })],
      {
        vpn: vpn(change),
        ...blueprint,
      },
    );
    this.decided = decided.peers[0]!;
    this.#addresses = this.decided.addresses.map(formatAddress);
    this.#stored = storedFileOf(compilePeerSecret(decided, this.decided));
  }

  get entries(): readonly string[] | undefined {
    return this.decided?.mark?.entries;
  }

  removeMark(): void {
    this.#stored = { text: this.#stored?.text, mark: undefined };
  }
}

function started(): Life {
  const life = new Life();
  life.pass();
  return life;
}

describe('the file of a peer is marked', () => {
  test('not when it is made, and not while nothing changes', () => {
    const life = started();
    expect(life.entries).toBe(undefined);
    life.pass();
    expect(life.entries).toBe(undefined);
  });

  test.for<[string, Partial<VPNSpec>, readonly string[]]>([
    ['the pool', { pool: ['10.98.0.0/24'] }, ['Address', 'AllowedIPs']],
    ['the endpoint', { endpoint: 'other.example.com:51820' }, ['Endpoint']],
    ['routes', { routes: ['10.0.0.0/8'] }, ['AllowedIPs']],
    ['name servers', { dns: ['10.20.0.53'] }, ['DNS']],
    ['the MTU', { mtu: 1300 }, ['MTU']],
    ['keepalive', { keepalive: 0 }, ['PersistentKeepalive']],
  ])('by an edit of %s, until the mark is removed', ([, change, entries]) => {
    const life = started();
    life.pass(change);
    expect(life.entries).toEqual(entries);
    life.pass(change);
    expect(life.entries).toEqual(entries);
    life.removeMark();
    life.pass(change);
    expect(life.entries).toBe(undefined);
  });

  test('by new keys of the gateway, until a handshake proves that the peer has them', () => {
    const life = started();
    const stored = { privateKey: key(0x61) };
    life.pass({}, { stored });
    expect(life.entries).toEqual(['PublicKey']);
    life.lastHandshake = later(0.5).toISOString();
    life.pass({}, { stored });
    expect(life.entries).toEqual(['PublicKey']);
    life.lastHandshake = later(2).toISOString();
    life.pass({}, { stored });
    expect(life.entries).toBe(undefined);
  });

  test('by a preshared key that it needs now', () => {
    const life = started();
    life.pass({}, { peer: { presharedKey: true } });
    expect(life.entries).toEqual(['PresharedKey']);
  });

  test('with all that changed since the first edit, until the file is again as it was', () => {
    const life = started();
    life.pass({ mtu: 1300 });
    life.pass({ mtu: 1300, dns: ['10.20.0.53'] }, { now: later(5) });
    expect(life.decided?.mark).toMatchObject({ at: '2026-11-28T12:00:00Z', entries: ['DNS', 'MTU'] });
    life.pass();
    expect(life.entries).toBe(undefined);
  });

  test('of a peer that never connected only when the file is worth nothing now', () => {
    const life = new Life();
    life.lastHandshake = undefined;
    life.pass();
    life.pass({ mtu: 1300, endpoint: 'other.example.com:51820' });
    expect(life.entries).toBe(undefined);
    life.pass({ pool: ['10.98.0.0/24'] });
    expect(life.entries).toEqual(['Address']);
  });

  test('not when its endpoint follows the active gateway, as that is what it does', () => {
    const expose = { type: 'NodePort', externalTrafficPolicy: 'Local' } as const;
    const life = new Life();
    life.pass({ expose }, { serviceEndpoint: '203.0.113.4:31820' });
    life.pass({ expose }, { serviceEndpoint: '203.0.113.5:31820' });
    expect(life.entries).toBe(undefined);
  });
});

test('a mark is an annotation of the Secret, and reads as it was written', () => {
  const mark = { at: '2026-11-28T12:00:00Z', entries: ['Address', 'DNS'], before: '0123456789abcdef' };
  expect(parseMark(formatMark(mark))).toEqual(mark);
  for (const text of [undefined, '', 'yes', '2026-11-28T12:00:00Z', `x${formatMark(mark)}`]) {
    expect(parseMark(text)).toBe(undefined);
  }
  const decided = decide([input(peer('laptop'))]);
  const marked = compilePeerSecret(decided, { ...decided.peers[0]!, mark });
  expect(marked.metadata.annotations).toEqual({ [annotations.fileChanged]: formatMark(mark) });
});
