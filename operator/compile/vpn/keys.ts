// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { isWireGuardKey } from '../../../api/vpn-gateway.ts';

/** A source of new keys. Random numbers come from outside, so that this code stays pure. */
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

/** The keys of a peer, as far as the operator has them. */
export interface PeerKeys {
  /** Absent when the user gave only the public key. */
  readonly privateKey: string | undefined;
  readonly publicKey: string;
  readonly presharedKey: string | undefined;
}

/** Decoded keys of a Secret of ours. Each may be missing or invalid. */
export type StoredKeys = Readonly<Partial<Record<'privateKey' | 'presharedKey', string>>>;

/** Prefix of the PKCS #8 form of an X25519 private key; the 32 bytes of the key follow. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Pure: the public key of a private one. */
export function publicKeyOf(privateKey: string): string {
  const der = Buffer.concat([PKCS8, Buffer.from(privateKey, 'base64')]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
}

/** The gateway's key pair: the stored one, or a new one when no stored key is usable. */
export function gatewayKeys(stored: StoredKeys | undefined, source: KeySource): KeyPair {
  const privateKey = usable(stored?.privateKey) ?? source.privateKey();
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/** The keys of a peer: those that the user gave, then the stored ones, and new ones for those that are missing. */
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
