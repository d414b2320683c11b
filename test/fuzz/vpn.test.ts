// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatGatewayConfig, GatewayConfigError, parseGatewayConfig } from '../../api/vpn-gateway.ts';
import { parseDump, type WgDevice, type WgPeer } from '../../functions/vpn/wg.ts';
import { jsonWith, mostly, text } from './arbitraries.ts';
import { expectNumber, outcomeOf } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

const KEY = `${'A'.repeat(43)}=`;
const cidr = fc.constantFrom('10.0.0.0/8', 'fd00::/64', '10.0.0.1/8', '::/0');
const peerConfig = fc.record(
  {
    name: text,
    publicKey: fc.constantFrom(KEY, 'A'),
    presharedKey: fc.constant(KEY),
    allowedIPs: fc.array(cidr, { maxLength: 2 }),
    endpoint: fc.constantFrom('1.2.3.4:5', '[fd00::1]:51820', '1.2.3.4'),
  },
  { requiredKeys: ['name', 'publicKey', 'allowedIPs'] },
);
const config = fc.record(
  {
    generation: fc.nat(),
    active: text,
    listenPort: fc.nat(),
    mtu: fc.nat(),
    addresses: fc.array(text, { maxLength: 2 }),
    pool: fc.array(cidr, { maxLength: 2 }),
    routes: fc.array(cidr, { maxLength: 2 }),
    peerToPeer: fc.boolean(),
    peers: fc.array(peerConfig, { maxLength: 3 }),
  },
  { requiredKeys: ['generation', 'listenPort', 'mtu', 'addresses', 'pool', 'routes', 'peers'] },
);

test(
  'the config of a gateway is refused with a sentence that has no key, or means the same when it is written again',
  () => {
    const shape = fc.oneof({ weight: 4, arbitrary: config }, jsonWith(['peers', 'publicKey', 'pool']));
    fuzz('gateway-config', mostly(shape.map((value) => JSON.stringify(value))), (given) => {
      const outcome = outcomeOf(() => parseGatewayConfig(given), [GatewayConfigError]);
      if ('error' in outcome) expect(outcome.error.message).not.toContain(KEY);
      else expect(parseGatewayConfig(formatGatewayConfig(outcome.value))).toEqual(outcome.value);
    });
  },
  timeoutMs,
);

const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
const bytes = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const peer: fc.Arbitrary<WgPeer> = fc.record({
  publicKey: key,
  presharedKey: fc.option(key, { nil: undefined }),
  endpoint: fc.option(fc.constantFrom('1.2.3.4:5', '[fd00::1]:51820'), { nil: undefined }),
  allowedIPs: fc.array(fc.constantFrom('10.0.0.0/8', 'fd00::/64'), { maxLength: 3 }),
  latestHandshake: fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
  rxBytes: bytes,
  txBytes: bytes,
});
const device: fc.Arbitrary<WgDevice> = fc.record({
  privateKey: fc.option(key, { nil: undefined }),
  listenPort: fc.integer({ min: 0, max: 65535 }),
  peers: fc.array(peer, { maxLength: 4 }),
});

/** As `wg show wg0 dump` writes it (wireguard-tools, show.c). */
function dump({ privateKey, listenPort, peers }: WgDevice): string {
  const none = (value: string | undefined) => value ?? '(none)';
  const lines = peers.map((each) =>
    [
      ...[each.publicKey, none(each.presharedKey), none(each.endpoint)],
      ...[
        each.allowedIPs.join(',') || '(none)',
        each.latestHandshake ?? 0,
        each.rxBytes,
        each.txBytes,
        'off',
      ],
    ].join('\t'),
  );
  return `${[[none(privateKey), 'AAAA', listenPort, 'off'].join('\t'), ...lines].join('\n')}\n`;
}

test(
  'what WireGuard says of an interface is read as it was meant',
  () => {
    fuzz('wg-dump-right', device, (given) => {
      expect(parseDump(dump(given))).toEqual(given);
    });
  },
  timeoutMs,
);

test(
  'output that WireGuard never writes gives no invalid number, and no more peers than lines',
  () => {
    fuzz('wg-dump', mostly(device.map(dump)), (given) => {
      const read = parseDump(given);
      expectNumber(read.listenPort);
      expect(read.peers.length).toBeLessThanOrEqual(given.split('\n').length);
      for (const each of read.peers) {
        for (const number of [each.rxBytes, each.txBytes, each.latestHandshake]) expectNumber(number);
        expect(each.publicKey).not.toBe('');
      }
    });
  },
  timeoutMs,
);
