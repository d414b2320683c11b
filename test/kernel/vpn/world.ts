// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { formatAddress } from '../../../api/net/address.ts';
import { formatGatewayConfig } from '../../../api/vpn-gateway.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import type { PeerReport } from '../../../api/vpn-report.ts';
import { decideVpn } from '../../../operator/compile/vpn/decide.ts';
import { compileGateway, gatewayPrefixes } from '../../../operator/compile/vpn/gateway.ts';
import type { KeySource, StoredKeys } from '../../../operator/compile/vpn/keys.ts';
import {
  compileGatewayKey,
  compileGatewaySecret,
  type DesiredSecret,
} from '../../../operator/compile/vpn/secrets.ts';
import type { DecidedVpn } from '../../../operator/compile/vpn/types.ts';
import { renderPeerFile } from '../../../operator/compile/vpn/wg-quick.ts';
import { SUBNETS, VIP } from './bed.ts';

const POOL = ['10.99.0.0/24', 'fd99::/112'];

/** New keys from the world's random numbers, in the same way as the operator makes them. */
const keys: KeySource = {
  privateKey: () => {
    const { privateKey } = generateKeyPairSync('x25519');
    return Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('base64');
  },
  presharedKey: () => randomBytes(32).toString('base64'),
};

/** The users' objects, what the operator keeps in Secrets and status, and what it makes of them. */
export class World {
  vpn: Vpn['spec'] = {
    network: 'shop',
    pool: POOL,
    listenPort: 51820,
    endpoint: `${VIP}:51820`,
    mtu: 1360,
    keepalive: 25,
    peerToPeer: false,
    replicas: 2,
  };
  readonly peers = new Map<string, VpnPeer['spec']>();
  readonly reports = new Map<string, PeerReport>();
  readonly secrets = new Map<string, StoredKeys>();
  gatewaySecret: StoredKeys | undefined;
  active = 'a';
  now = new Date();
  readonly #addresses = new Map<string, readonly string[]>();
  #generation = 0;

  peer(name: string, spec: Partial<VpnPeer['spec']> = {}): void {
    this.peers.set(name, {
      vpn: 'branch',
      presharedKey: false,
      disabled: false,
      ...this.peers.get(name),
      ...spec,
    });
  }

  /** Runs one pass of the operator, and keeps keys and addresses as Secrets and status would. */
  decide(): DecidedVpn {
    this.#generation += 1;
    const metadata = (name: string) => ({
      name,
      namespace: 'default',
      uid: name,
      generation: this.#generation,
    });
    const decided = decideVpn({
      vpn: { apiVersion: 'heddle.dev/v1alpha1', kind: 'VPN', metadata: metadata('branch'), spec: this.vpn },
      subnets: SUBNETS,
      claims: [],
      peers: [...this.peers].map(([name, spec]) => ({
        peer: {
          apiVersion: 'heddle.dev/v1alpha1',
          kind: 'VPNPeer',
          metadata: metadata(name),
          spec,
          status: { addresses: this.#addresses.get(name) ?? [] },
        },
        stored: this.secrets.get(name),
        report: this.reports.get(name),
      })),
      stored: this.gatewaySecret,
      serviceEndpoint: undefined,
      active: this.active,
      keys,
      now: this.now,
    });
    this.gatewaySecret = { privateKey: decided.keys.privateKey };
    for (const { peer, keys: own, addresses } of decided.peers) {
      this.secrets.set(peer.metadata.name, {
        ...(own.privateKey ? { privateKey: own.privateKey } : {}),
        ...(own.presharedKey ? { presharedKey: own.presharedKey } : {}),
      });
      this.#addresses.set(peer.metadata.name, addresses.map(formatAddress));
    }
    return decided;
  }

  /** The inputs of a gateway. */
  request(): { readonly config: string; readonly privateKey: string } {
    const decided = this.decide();
    return {
      config: formatGatewayConfig(compileGateway(decided, this.active)),
      privateKey: decided.keys.privateKey,
    };
  }

  /** The Secrets that a gateway reads. */
  gatewaySecrets(): readonly DesiredSecret[] {
    const decided = this.decide();
    return [compileGatewayKey(decided), compileGatewaySecret(decided, this.active)];
  }

  file(name: string): string {
    const decided = this.decide();
    const peer = decided.peers.find(({ peer: each }) => each.metadata.name === name);
    const file = peer && renderPeerFile(decided, peer);
    if (!file) throw new Error(`peer ${name} has no file`);
    return file;
  }

  addresses(name: string): readonly string[] {
    this.decide();
    return this.#addresses.get(name) ?? [];
  }

  prefixes(): readonly string[] {
    return gatewayPrefixes(this.decide());
  }
}
