// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { compileGateways } from '../../../../../operator/compile/vpn/deployment.ts';
import { compileGatewaySecret, compilePeerSecret } from '../../../../../operator/compile/vpn/secrets.ts';
import {
  endpointsOf,
  reportOf,
  storedConfigOf,
  storedEndpointsOf,
  storedKeysOf,
} from '../../../../../operator/compile/vpn/stored.ts';
import { allow } from '../../../../../operator/report/allowance.ts';
import { parseGatewayReport } from '../../../../../operator/report/gateway.ts';
import { decide, input, key, peer, report, vpn } from '../../vpn-world.ts';

const IMAGE = 'registry/heddle/vpn:1';

describe('what is made for a VPN', () => {
  test('rights for itself and its two Secrets alone, and its Deployment', async () => {
    const { rights, deployment } = compileGateways(vpn(), IMAGE);
    const text = [...rights, deployment].map((object) => dump(object, { noRefs: true, lineWidth: 110 }));
    await expect(text.join('---\n')).toMatchFileSnapshot('golden/objects.yaml');
  });

  test('the same pods after an edit of what gateways are told', () => {
    const edited = vpn({ pool: ['10.98.0.0/24'], routes: [], mtu: 1300, peerToPeer: true, keepalive: 0 });
    expect(compileGateways(edited, IMAGE)).toEqual(compileGateways(vpn(), IMAGE));
  });
});

describe('what is read back', () => {
  const laptop = peer('laptop', { presharedKey: true });

  test('keys come out of a Secret as they went in; of one without there are none', () => {
    const decided = decide([input(laptop)]);
    const [{ keys }] = decided.peers as [(typeof decided.peers)[0]];
    const stored = storedKeysOf(compilePeerSecret(decided, decided.peers[0]!));
    expect(stored).toEqual({ privateKey: keys.privateKey, presharedKey: keys.presharedKey });
    expect(decide([input(laptop, { stored })]).peers[0]?.keys).toEqual(keys);
    expect(storedKeysOf({})).toEqual({});
    expect(storedKeysOf(undefined)).toBeUndefined();
  });

  test('a new operator finds who was active and where peers were; a Secret that makes no sense says nothing', () => {
    const decided = decide([
      input(laptop, { report: report('laptop') }),
      input(peer('phone', {}, { age: 1 })),
    ]);
    const told = storedConfigOf(compileGatewaySecret(decided, 'branch-1'));
    expect(told?.active).toBe('branch-1');
    expect([...storedEndpointsOf(told)]).toEqual([['laptop', '203.0.113.9:40000']]);
    expect(storedConfigOf({ data: { 'gateway.json': btoa('{') } })).toBeUndefined();
    expect([...storedEndpointsOf(undefined)]).toEqual([]);
  });

  test('who is connected is spoken to after a takeover, and who has not come back from the one before', () => {
    const before = new Map(['laptop', 'phone', 'office', 'gone'].map((name) => [name, '203.0.113.1:1']));
    const silent = { connected: false, endpoint: undefined };
    const reports = [
      report('laptop'),
      report('phone', silent),
      report('office', { ...silent, latestHandshake: undefined }),
      report('new', { ...silent, latestHandshake: undefined }),
    ];
    const endpoints = endpointsOf(reports, before);
    expect(Object.fromEntries(endpoints)).toEqual({ laptop: '203.0.113.9:40000', office: '203.0.113.1:1' });
    expect(reportOf('laptop', endpoints)).toMatchObject({ connected: true, endpoint: '203.0.113.9:40000' });
    expect(reportOf('phone', endpoints)).toBeUndefined();
  });

  test('a Secret of somebody else under a name of ours is a problem, and nobody is let in', () => {
    const decided = decide([input(laptop)], { secretTaken: 'heddle-vpn-branch-key' });
    expect(decided.problem).toMatchObject({ reason: 'SecretInUse', field: 'metadata.name' });
    expect(storedConfigOf(compileGatewaySecret(decided, undefined))?.peers).toEqual([]);
    const refused = decide([input(laptop, { secretTaken: true })]).peers[0];
    expect(refused?.state).toMatchObject({ kind: 'Refused', problem: { reason: 'SecretInUse' } });
  });
});

describe('a gateway’s report', () => {
  const answer = {
    generation: 3,
    inputs: 'abc',
    error: null,
    role: 'Active',
    wireGuard: 'Kernel',
    peers: [report('laptop', { publicKey: key(2) })],
  };

  test('is read whole', () => {
    expect(parseGatewayReport(JSON.stringify(answer), allow(1))).toEqual(answer);
    const { wireGuard, ...before } = answer;
    expect(parseGatewayReport(JSON.stringify(before), allow(1)).wireGuard).toBeUndefined();
  });

  test.each(['x', '[fe80::1%eth0]:51820', '\n'])(
    'with the endpoint %j says none: the next gateway could not use it',
    (endpoint) => {
      const peers = [{ ...report('laptop', { publicKey: key(2) }), endpoint }];
      expect(
        parseGatewayReport(JSON.stringify({ ...answer, peers }), allow(1)).peers[0]?.endpoint,
      ).toBeUndefined();
    },
  );

  test.each([
    [{ role: 'Boss' }, 'role is none of Active, Standby'],
    [{ wireGuard: 'Other' }, 'wireGuard is none of Kernel, Userspace'],
    [{ peers: undefined }, 'peers is not a list'],
    [{ peers: [{ ...report('laptop'), connected: 1 }] }, 'peers[0].connected is neither true nor false'],
    [{ peers: [{ ...report('laptop'), rxBytes: -1 }] }, 'peers[0].rxBytes is not a whole number from 0 to'],
    [{ peers: [{ ...report('laptop'), txBytes: 1.5 }] }, 'peers[0].txBytes is not a whole number from 0 to'],
    [
      { peers: [{ ...report('laptop'), latestHandshake: 1e13 }] },
      'peers[0].latestHandshake is not a whole number',
    ],
  ])('with %o is none', (change, message) => {
    expect(() => parseGatewayReport(JSON.stringify({ ...answer, ...change }), allow(1))).toThrow(message);
  });
});
