// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../api/net/address.ts';
import { UsageError } from '../../../../kube/base/flags.ts';
import { ASKED, request } from './asked.ts';

describe('what kubectl heddle trace is asked', () => {
  test('is a TCP packet where a port is given, else a ping', () => {
    expect(request(ASKED)).toEqual({
      from: { namespace: 'shop', name: 'client' },
      to: { kind: 'Pod', namespace: 'shop', name: 'web' },
      protocol: 'TCP',
      port: 80,
      sourcePort: 40_000,
      network: undefined,
      family: undefined,
      reply: false,
      opens: false,
    });
    expect(request({ from: 'client', to: '10.20.0.9' })).toMatchObject({
      to: { kind: 'Address', address: parseAddress('10.20.0.9') },
      protocol: 'ICMP',
      port: 0,
      sourcePort: 0,
      family: 4,
    });
  });

  test('names pods of other namespaces as pod/NAMESPACE/NAME', () => {
    expect(request({ ...ASKED, to: 'pod/back/db-0' }).to).toEqual({
      kind: 'Pod',
      namespace: 'back',
      name: 'db-0',
    });
  });

  test.each([
    [{ to: 'pod/web', port: '80' }, '--from'],
    [{ ...ASKED, from: '10.20.0.1' }, '--from: must be a pod'],
    [{ ...ASKED, to: 'service/web' + '/x' }, '--to: "service/web/x"'],
    [{ ...ASKED, port: '0' }, '--port: "0"'],
    [{ ...ASKED, port: '70000' }, '--port: "70000"'],
    [{ from: 'pod/client', to: 'pod/web', protocol: 'udp' }, '--port: is missing with UDP'],
    [{ ...ASKED, protocol: 'icmp' }, '--port: ICMP has no ports'],
    [{ ...ASKED, protocol: 'GRE' }, '--protocol: "GRE"'],
    [{ ...ASKED, family: '5' }, '--family: "5"'],
    [{ ...ASKED, to: 'fd20::5', family: '4' }, '--family: 4 is not the family of --to'],
  ] as const)('%j is refused by naming the flag', (flags, message) => {
    expect(() => request(flags)).toThrow(UsageError);
    expect(() => request(flags)).toThrow(message);
  });
});
