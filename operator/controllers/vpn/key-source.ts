// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeySource } from '../../compile/vpn/keys.ts';

/** A source of new keys from the random numbers of this machine. */
export const randomKeys: KeySource = {
  privateKey: () => {
    const { privateKey } = generateKeyPairSync('x25519');
    return Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url').toString('base64');
  },
  presharedKey: () => randomBytes(32).toString('base64'),
};
