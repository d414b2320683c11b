// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { isWireGuardKey } from '../../../api/vpn-gateway.ts';

/** Where new keys come from: the world's randomness is not for pure code. */
export interface KeySource {
  /** A private key: 32 bytes in base64. */
  privateKey(): string;
  /** A preshared key: 32 bytes in base64. */
  presharedKey(): string;
}

export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** The keys of a peer as far as we have them. */
export interface PeerKeys {
  /** Absent when the person gave the public key only. */
  readonly privateKey: string | undefined;
  readonly publicKey: string;
  readonly presharedKey: string | undefined;
}

/** What a Secret of ours has in it, decoded; anything may be missing or not be a key. */
export type StoredKeys = Readonly<Partial<Record<'privateKey' | 'presharedKey', string>>>;

/** PKCS #8 of an X25519 key is this, and the 32 bytes of the key. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Pure: the public key of a private one. */
export function publicKeyOf(privateKey: string): string {
  const der = Buffer.concat([PKCS8, Buffer.from(privateKey, 'base64')]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}

/** The gateway's key pair: the stored one, or a new one when there is none that can be used. */
export function gatewayKeys(stored: StoredKeys | undefined, source: KeySource): KeyPair {
  const privateKey = usable(stored?.privateKey) ?? source.privateKey();
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/** The keys of a peer: what the person gave, what is stored, and new ones for what is missing. */
export function peerKeys(options: {
  readonly publicKey: string | undefined;
  readonly wantsPresharedKey: boolean;
  readonly stored: StoredKeys | undefined;
  readonly source: KeySource;
}): PeerKeys {
  const { publicKey, wantsPresharedKey, stored, source } = options;
  const presharedKey = wantsPresharedKey
    ? (usable(stored?.presharedKey) ?? source.presharedKey())
    : undefined;
  if (publicKey !== undefined) return { privateKey: undefined, publicKey, presharedKey };
  return { ...gatewayKeys(stored, source), presharedKey };
}

function usable(key: string | undefined): string | undefined {
  return key !== undefined && isWireGuardKey(key) ? key : undefined;
}
