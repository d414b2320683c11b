// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { GatewayConfigError, parseGatewayConfig } from '../../../../../api/vpn-gateway.ts';
import { publicKeyOf } from '../../../../../operator/compile/vpn/keys.ts';
import {
  compileGatewayKey,
  compileGatewaySecret,
  compilePeerSecret,
  type DesiredSecret,
} from '../../../../../operator/compile/vpn/secrets.ts';
import { renderPeerFile } from '../../../../../operator/compile/vpn/wg-quick.ts';
import { decide, gatewayConfig, input, key, peer, vpn } from '../../vpn-world.ts';

function contentOf({ data }: DesiredSecret): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(data).map(([entry, text]) => [entry, Buffer.from(text, 'base64').toString('utf8')]),
  );
}

const laptop = input(peer('laptop', { presharedKey: true }, { addresses: ['10.99.0.5', 'fd99::5'] }), {
  stored: { privateKey: key(0x21), presharedKey: key(0x22) },
});

describe('the file of a peer', () => {
  test('is what wg-quick takes, and nothing is missing', () => {
    const decided = decide([laptop], {
      vpn: vpn({ pool: ['10.99.0.0/24', 'fd99::/64'], dns: ['10.20.0.53', 'fd20::53'] }),
      subnets: ['10.20.0.0/16', 'fd20::/64'],
    });
    expect(renderPeerFile(decided, decided.peers[0]!)).toBe(`# Peer laptop of VPN shop/branch
[Interface]
PrivateKey = ${key(0x21)}
Address = 10.99.0.5/32, fd99::5/128
DNS = 10.20.0.53, fd20::53
MTU = 1360

[Peer]
PublicKey = ${publicKeyOf(key(0x60))}
PresharedKey = ${key(0x22)}
Endpoint = vpn.example.com:51820
AllowedIPs = 10.20.0.0/16, fd20::/64, 10.99.0.1/32, fd99::1/128
PersistentKeepalive = 25
`);
  });

  test('leaves out what the spec leaves out, and routes of an IP version that the peer has not', () => {
    const decided = decide([input(peer('a', { publicKey: key(9) }, { addresses: ['10.99.0.7'] }))], {
      vpn: vpn({ keepalive: 0, routes: ['10.20.0.0/24', 'fd20::/64'], peerToPeer: true }),
    });
    expect(renderPeerFile(decided, decided.peers[0]!)).toBe(`# Peer a of VPN shop/branch
[Interface]
# PrivateKey = (of the public key in spec.publicKey)
Address = 10.99.0.7/32
MTU = 1360

[Peer]
PublicKey = ${publicKeyOf(key(0x60))}
Endpoint = vpn.example.com:51820
AllowedIPs = 10.20.0.0/24, 10.99.0.0/24
`);
  });

  test('never sends a site its own network into the tunnel, though the others get it pushed', () => {
    const site = input(peer('office', { allowedIPs: ['192.168.7.0/24'] }));
    const decided = decide([site, input(peer('laptop', {}, { age: 1 }))], {
      vpn: vpn({ routes: ['10.20.0.0/16', '192.168.7.0/24'] }),
    });
    const [office, laptop] = decided.peers.map((each) => renderPeerFile(decided, each));
    expect(office).toContain('AllowedIPs = 10.20.0.0/16, 10.99.0.1/32\n');
    expect(laptop).toContain('AllowedIPs = 10.20.0.0/16, 192.168.7.0/24, 10.99.0.1/32\n');
  });

  test('cannot be made while nobody knows where the gateway is', () => {
    const decided = decide([laptop], { serviceEndpoint: undefined });
    expect(renderPeerFile(decided, decided.peers[0]!)).toBe(undefined);
    expect(Object.keys(compilePeerSecret(decided, decided.peers[0]!).data)).not.toContain('wg0.conf');
  });
});

describe('Secrets', () => {
  const decided = decide([laptop, input(peer('given', { publicKey: key(9) }, { age: 1 }))]);
  const gatewayKey = compileGatewayKey(decided);
  const config = compileGatewaySecret(decided, 'branch-1');
  const peers = decided.peers.map((each) => compilePeerSecret(decided, each));

  test('are named after what they are for, and go with their owners', () => {
    expect([gatewayKey, config, ...peers].map(({ metadata }) => metadata.name)).toEqual([
      'heddle-vpn-branch-key',
      'heddle-vpn-branch-config',
      'heddle-vpnpeer-laptop',
      'heddle-vpnpeer-given',
    ]);
    expect(peers[0]?.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'heddle.dev/v1alpha1',
        kind: 'VPNPeer',
        name: 'laptop',
        uid: 'laptop-uid',
        controller: true,
      },
    ]);
  });

  test('a private key is in its own Secret and in no other', () => {
    const all = [gatewayKey, config, ...peers].map((secret) => ({
      name: secret.metadata.name,
      text: JSON.stringify(contentOf(secret)),
    }));
    const holders = (secret: string) =>
      all.filter(({ text }) => text.includes(secret)).map(({ name }) => name);
    expect(holders(key(0x60))).toEqual(['heddle-vpn-branch-key']);
    expect(holders(key(0x21))).toEqual(['heddle-vpnpeer-laptop']);
    expect(holders(key(0x22))).toEqual(['heddle-vpn-branch-config', 'heddle-vpnpeer-laptop']);
  });

  test('what the gateway is told it can read', () => {
    expect(parseGatewayConfig(contentOf(config)['gateway.json'] ?? '')).toEqual({
      ...gatewayConfig,
      peers: [
        {
          name: 'laptop',
          publicKey: publicKeyOf(key(0x21)),
          presharedKey: key(0x22),
          allowedIPs: ['10.99.0.5/32'],
        },
        { name: 'given', publicKey: key(9), allowedIPs: [expect.stringMatching(/^10\.99\.0\.\d+\/32$/)] },
      ],
    });
  });

  test('a peer that is refused gets no file, and one that is disabled keeps his', () => {
    const other = decide([
      input(peer('off', { disabled: true })),
      input(peer('twice', { addresses: ['10.98.0.1'] }, { age: 1 })),
    ]);
    const entries = other.peers.map((each) => Object.keys(compilePeerSecret(other, each).data));
    expect(entries[0]).toContain('wg0.conf');
    expect(entries[1]).not.toContain('wg0.conf');
  });
});

describe('a config that a gateway cannot read', () => {
  const good = {
    ...gatewayConfig,
    peers: [{ name: 'a', publicKey: key(9), presharedKey: key(8), allowedIPs: ['10.99.0.5/32'] }],
  };
  const withPeer = (more: object) => ({ ...good, peers: [{ ...good.peers[0], ...more }] });

  test.each([
    ['{', 'is not JSON'],
    ['[]', 'is not an object'],
    [{ ...good, mtu: 'x' }, 'mtu is not a whole number'],
    [{ ...good, routes: ['10.0.0.1/8'] }, 'routes[0] is not an address range'],
    [withPeer({ publicKey: 'x' }), 'peers[0].publicKey is not a WireGuard key'],
    [withPeer({ presharedKey: `${key(8)}x` }), 'peers[0].presharedKey is not a WireGuard key'],
    [withPeer({ endpoint: 'host:1' }), 'peers[0].endpoint is not an address and a port'],
    [{ ...good, peers: [7] }, 'peers[0] is not an object'],
  ])('is refused by naming the place, never a key', (value, message) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const parse = () => parseGatewayConfig(text);
    expect(parse).toThrow(GatewayConfigError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(key(8));
  });
});
