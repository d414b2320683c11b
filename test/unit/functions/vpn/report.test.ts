// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { GatewayConfig } from '../../../../api/vpn-gateway.ts';
import { reportPeers } from '../../../../functions/vpn/report.ts';
import type { WgDevice, WgPeer } from '../../../../functions/vpn/wg.ts';
import { key } from '../../operator/vpn-world.ts';

const NOW = new Date('2026-11-30T10:00:00Z');
const seconds = (ago: number) => NOW.getTime() / 1000 - ago;
const config = {
  peers: [1, 2, 3].map((index) => ({ name: `peer-${index}`, publicKey: key(index), allowedIPs: [] })),
} as unknown as GatewayConfig;

const heard = (index: number, more: Partial<WgPeer> = {}): WgPeer => ({
  publicKey: key(index),
  presharedKey: undefined,
  endpoint: `203.0.113.${index}:4000`,
  allowedIPs: [],
  latestHandshake: undefined,
  rxBytes: 0,
  txBytes: 0,
  ...more,
});
const device = (...peers: readonly WgPeer[]): WgDevice => ({
  privateKey: key(7),
  listenPort: 51820,
  peers,
});
const report = (role: 'Active' | 'Standby', found: WgDevice | undefined) =>
  reportPeers(config, { role, device: found, now: NOW });

describe('what a gateway reports of its peers', () => {
  test('is of every peer of its config, heard or not, and of no other', () => {
    const found = device(heard(1, { latestHandshake: seconds(5), rxBytes: 7, txBytes: 9 }), heard(8));
    expect(report('Active', found)).toEqual([
      {
        name: 'peer-1',
        publicKey: key(1),
        latestHandshake: seconds(5),
        endpoint: '203.0.113.1:4000',
        rxBytes: 7,
        txBytes: 9,
        connected: true,
      },
      ...[2, 3].map((index) => ({
        name: `peer-${index}`,
        publicKey: key(index),
        latestHandshake: undefined,
        endpoint: undefined,
        rxBytes: 0,
        txBytes: 0,
        connected: false,
      })),
    ]);
  });

  test('calls a peer connected for three minutes after a handshake', () => {
    const found = device(
      heard(1, { latestHandshake: seconds(180) }),
      heard(2, { latestHandshake: seconds(181) }),
      heard(3),
    );
    expect(report('Active', found).map(({ connected }) => connected)).toEqual([true, false, false]);
  });

  test('has no endpoint of a peer that never answered there', () => {
    expect(report('Active', device(heard(1)))[0]?.endpoint).toBeUndefined();
  });

  test('is nothing of a gateway that stands by, whatever it heard when it was active', () => {
    const found = device(heard(1, { latestHandshake: seconds(5), rxBytes: 7 }));
    expect(report('Standby', found)[0]).toMatchObject({ connected: false, rxBytes: 0, endpoint: undefined });
  });

  test('is of nobody before there is a config, and of nobody heard before there is an interface', () => {
    expect(reportPeers(undefined, { role: 'Active', device: device(heard(1)), now: NOW })).toEqual([]);
    expect(report('Active', undefined).map(({ connected }) => connected)).toEqual([false, false, false]);
  });
});
