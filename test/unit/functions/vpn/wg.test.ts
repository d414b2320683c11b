// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import {
  commandsOf,
  type PeerChange,
  parseDump,
  planPeers,
  type WantedPeer,
  type WgPeer,
} from '../../../../functions/vpn/wg.ts';
import { key } from '../../operator/vpn-world.ts';

function has(byte: number, more: Partial<WgPeer> = {}): WgPeer {
  return {
    publicKey: key(byte),
    presharedKey: undefined,
    endpoint: undefined,
    allowedIPs: [`10.99.0.${byte}/32`],
    latestHandshake: undefined,
    rxBytes: 0,
    txBytes: 0,
    ...more,
  };
}

function wants(byte: number, more: Partial<WantedPeer> = {}): WantedPeer {
  return { publicKey: key(byte), presharedKey: undefined, allowedIPs: [`10.99.0.${byte}/32`], ...more };
}

describe('what wg says', () => {
  test('is parsed completely', () => {
    const text = [
      [key(1), key(2), '51820', 'off'],
      [key(3), '(none)', '(none)', '(none)', '0', '0', '0', 'off'],
      [key(4), key(5), '[2001:db8::1]:4500', '10.99.0.4/32,fd99::4/128', '1795867200', '12', '34', '25'],
    ]
      .map((fields) => `${fields.join('\t')}\n`)
      .join('');
    expect(parseDump(text)).toEqual({
      privateKey: key(1),
      listenPort: 51820,
      peers: [
        has(3, { allowedIPs: [] }),
        {
          publicKey: key(4),
          presharedKey: key(5),
          endpoint: '[2001:db8::1]:4500',
          allowedIPs: ['10.99.0.4/32', 'fd99::4/128'],
          latestHandshake: 1795867200,
          rxBytes: 12,
          txBytes: 34,
        },
      ],
    });
  });

  test('of an interface that has nothing yet is nothing', () => {
    expect(parseDump('(none)\t(none)\t0\toff\n')).toEqual({
      privateKey: undefined,
      listenPort: 0,
      peers: [],
    });
  });
});

describe('changes of peers', () => {
  test('name only those that differ', () => {
    const two = ['10.99.0.2/32', '192.168.7.0/24'];
    expect(
      planPeers(
        [has(1), has(2, { allowedIPs: two })],
        [wants(1), wants(2, { allowedIPs: [...two].reverse() })],
      ),
    ).toEqual([]);
    expect(planPeers([has(1), has(2), has(3)], [wants(1), wants(2, { allowedIPs: two }), wants(4)])).toEqual([
      { kind: 'Remove', publicKey: key(3) },
      { kind: 'Set', publicKey: key(2), allowedIPs: two },
      { kind: 'Set', publicKey: key(4), allowedIPs: ['10.99.0.4/32'] },
    ]);
  });

  test('take a preshared key in and out', () => {
    expect(planPeers([has(1)], [wants(1, { presharedKey: key(9) })])).toEqual([
      { kind: 'Set', publicKey: key(1), presharedKey: key(9) },
    ]);
    expect(planPeers([has(1, { presharedKey: key(9) })], [wants(1)])).toEqual([
      { kind: 'Set', publicKey: key(1), presharedKey: null },
    ]);
  });

  test('are arguments without a secret; preshared keys are in files', () => {
    const changes: readonly PeerChange[] = [
      { kind: 'Remove', publicKey: key(1) },
      { kind: 'Set', publicKey: key(2), presharedKey: key(9), allowedIPs: ['10.99.0.2/32', 'fd99::2/128'] },
      { kind: 'Set', publicKey: key(3), presharedKey: null, endpoint: '192.0.2.1:9', keepalive: 25 },
    ];
    const [command, ...more] = commandsOf('wg0', changes);
    expect(more).toEqual([]);
    expect(command?.texts).toEqual([key(9)]);
    expect(command?.args(['/f0'])).toEqual([
      ...['set', 'wg0', 'peer', key(1), 'remove'],
      ...['peer', key(2), 'preshared-key', '/f0', 'allowed-ips', '10.99.0.2/32,fd99::2/128'],
      ...[
        'peer',
        key(3),
        'preshared-key',
        '/dev/null',
        'endpoint',
        '192.0.2.1:9',
        'persistent-keepalive',
        '25',
      ],
    ]);
  });

  test('of many peers are several commands, none too long for the kernel', () => {
    const allowedIPs = Array.from({ length: 68 }, (_, i) => `2001:db8:1111:2222:3333:4444:${i + 4096}:0/112`);
    const changes = Array.from(
      { length: 250 },
      (_, i): PeerChange => ({ kind: 'Set', publicKey: key(i), presharedKey: key(i), allowedIPs }),
    );
    const commands = commandsOf('wg0', changes);
    expect(commands.flatMap(({ texts }) => texts)).toHaveLength(250);
    for (const { texts, args } of commands) {
      const longest = Math.max(...args(texts.map(() => '/tmp/file')).map((word) => word.length));
      expect(longest).toBeLessThan(131_072);
      expect(args(texts).join(' ').length).toBeLessThan(1_000_000);
    }
  });
});

test('numbers that are none count as 0, and a line without a key is no peer', () => {
  const key = `${'A'.repeat(43)}=`;
  const lines = ['(none)\tA\tx\toff', `${key}\t(none)\t(none)\t(none)\tx\t-1\t\toff`, '\t\t\t\t'];
  const { listenPort, peers } = parseDump(lines.join('\n'));
  expect(listenPort).toBe(0);
  expect(peers).toEqual([expect.objectContaining({ publicKey: key, rxBytes: 0, txBytes: 0 })]);
});
