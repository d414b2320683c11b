// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { isWireGuardKey } from '../../../../../api/vpn-gateway.ts';
import { gatewayKeys, peerKeys, publicKeyOf } from '../../../../../operator/compile/vpn/keys.ts';
import { countingKeys, key } from '../../vpn-world.ts';

describe('keys', () => {
  test('the public key of a private one is what wg pubkey prints', () => {
    expect(publicKeyOf('+AQ51TIqxxFvpgivuz9gYwWFuR31NfiuqFfbjZ/bmko=')).toBe(
      'poUaU4gQ00SEigAECwwO5ZnH+YHuvIcBv6xj5wes8FA=',
    );
  });

  test('stored keys are kept, and one that is none is made anew', () => {
    const stored = { privateKey: key(7) };
    expect(gatewayKeys(stored, countingKeys())).toEqual({
      privateKey: key(7),
      publicKey: publicKeyOf(key(7)),
    });
    for (const privateKey of ['', 'short', `${key(7)}x`]) {
      expect(gatewayKeys({ privateKey }, countingKeys()).privateKey).toBe(key(0x41));
    }
  });

  test('a peer that gave its public key has no private one with us, and a preshared one only when it wants one', () => {
    const given = { publicKey: key(9), stored: { privateKey: key(7) }, source: countingKeys() };
    expect(peerKeys({ ...given, wantsPresharedKey: false })).toEqual({
      privateKey: undefined,
      publicKey: key(9),
      presharedKey: undefined,
    });
    expect(peerKeys({ ...given, wantsPresharedKey: true }).presharedKey).toBe(key(0x41));
  });

  test('a preshared key that is stored stays, and goes when it is not wanted any more', () => {
    const options = {
      publicKey: undefined,
      stored: { privateKey: key(7), presharedKey: key(8) },
      source: countingKeys(),
    };
    expect(peerKeys({ ...options, wantsPresharedKey: true }).presharedKey).toBe(key(8));
    expect(peerKeys({ ...options, wantsPresharedKey: false }).presharedKey).toBe(undefined);
  });

  test.each([
    [key(1), true],
    [`${'A'.repeat(42)}B=`, false],
    ['A'.repeat(44), false],
    [`${'A'.repeat(41)}E=`, false],
    ['', false],
  ])('%s is a WireGuard key: %s', (text, is) => {
    expect(isWireGuardKey(text)).toBe(is);
  });
});
