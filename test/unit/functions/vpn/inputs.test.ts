// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { formatGatewayConfig } from '../../../../api/vpn-gateway.ts';
import { readInputs } from '../../../../functions/vpn/inputs.ts';
import type { Secret } from '../../../../kube/wire.ts';
import { gatewayConfig as config, key, vpn } from '../../operator/vpn-world.ts';

function read(privateKey: string | undefined, gateway: string | undefined) {
  const secret = (entry: string, text: string): Secret =>
    ({ data: { [entry]: Buffer.from(text).toString('base64') } }) as unknown as Secret;
  const secrets = new Map<string, Secret>();
  if (privateKey !== undefined) secrets.set('heddle-vpn-branch-key', secret('privateKey', privateKey));
  if (gateway !== undefined) secrets.set('heddle-vpn-branch-config', secret('gateway.json', gateway));
  return readInputs({ object: vpn(), secrets });
}

describe('the two Secrets of a gateway', () => {
  const text = formatGatewayConfig(config);

  test('are its key and its config', () => {
    expect(read(`${key(7)}\n`, text)).toEqual({ kind: 'Read', config, privateKey: key(7) });
  });

  test.each([
    ['there is no key yet', undefined, text, /heddle-vpn-branch-key has no privateKey yet/],
    ['the key is none', 'secret words', text, /privateKey is no WireGuard key; delete the Secret/],
    ['there is no config yet', key(7), undefined, /heddle-vpn-branch-config has no gateway\.json yet/],
    ['the config is no JSON', key(7), `{"presharedKey":"${key(9)}`, /gateway\.json: the config is not JSON/],
    ['a range in the config is none', key(7), text.replace('10.99.0.0/24', 'x'), /pool\[0\] is not/],
  ])('cannot be used when %s, and the reason quotes no secret', (_when, privateKey, gateway, reason) => {
    const inputs = read(privateKey, gateway);
    expect(inputs).toMatchObject({ kind: 'Unusable', error: { field: 'spec' } });
    const { message } = (inputs as Extract<typeof inputs, { kind: 'Unusable' }>).error;
    expect(message).toMatch(reason);
    for (const secret of ['secret words', key(7), key(9)]) expect(message).not.toContain(secret);
  });
});
