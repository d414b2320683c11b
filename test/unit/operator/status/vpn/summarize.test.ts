// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GatewayAnswer } from '../../../../../api/vpn-report.ts';
import { checkVpnStatus } from '../../../../../operator/status/vpn/checks.ts';
import type { VpnStatusFacts } from '../../../../../operator/status/vpn/facts.ts';
import { checkPeerStatus } from '../../../../../operator/status/vpn/peer-checks.ts';
import {
  differsBeyondTraffic,
  summarizePeer,
  summarizeVpn,
} from '../../../../../operator/status/vpn/summarize.ts';
import { decide, input, NOW, peer, report, vpn } from '../../vpn-world.ts';
import { danglingIn } from '../dangling.ts';

const laptop = peer('laptop', {}, { addresses: ['10.99.0.5'] });

function answer(more: Partial<GatewayAnswer> = {}): GatewayAnswer {
  return {
    generation: 4,
    inputs: 'abc',
    error: null,
    role: 'Active',
    wireGuard: 'Kernel',
    peers: [report('laptop')],
    ...more,
  };
}

function facts(more: Partial<VpnStatusFacts> = {}): VpnStatusFacts {
  return {
    decided: decide([input(laptop, { report: report('laptop') })], { vpn: vpn({ replicas: 1 }) }),
    network: 'Found',
    active: 'branch-1',
    inputs: 'abc',
    selector: 'heddle.dev/function=vpn.branch',
    gateways: [{ pod: 'branch-1', ready: true, report: answer() }],
    ...more,
  };
}

/** Behind a load balancer of the cluster, with a name of its own in front. */
const balanced = decide([], {
  vpn: vpn({
    replicas: 1,
    endpoint: 'vpn.example.com:51820',
    expose: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
  }),
});

function said(all: VpnStatusFacts): Readonly<Record<string, string>> {
  const { conditions } = summarizeVpn(all, NOW);
  return Object.fromEntries(
    (conditions ?? []).map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );
}

describe('the status of a VPN', () => {
  test('when it is ready', () => {
    expect(summarizeVpn(facts(), NOW)).toMatchObject({
      observedGeneration: 4,
      replicas: 1,
      readyReplicas: 1,
      endpoint: 'vpn.example.com:51820',
      addresses: ['10.99.0.1'],
      active: 'branch-1',
      wireGuard: 'Kernel',
      peers: 1,
      connected: 1,
    });
    expect(said(facts())).toEqual({
      Accepted: 'True Valid',
      ResolvedRefs: 'True Resolved',
      Programmed: 'True InstancesReported',
      Ready: 'True Ready',
      FilesCurrent: 'True FilesUnchanged',
    });
  });

  test('has no private key in it', () => {
    const all = facts();
    const text = JSON.stringify(summarizeVpn(all, NOW));
    expect(text).toContain(all.decided.keys.publicKey);
    expect(text).not.toContain(all.decided.keys.privateKey);
  });

  test.each([
    [
      { decided: decide([], { subnets: ['10.0.0.0/8'] }) },
      { Accepted: 'False PoolOverlapsSubnet', Ready: 'False NotAccepted' },
    ],
    [{ network: 'NotFound' }, { ResolvedRefs: 'False NetworkNotFound', Ready: 'False NotResolved' }],
    [{ network: 'NotAccepted' }, { ResolvedRefs: 'False NetworkNotAccepted', Ready: 'False NotResolved' }],
    [{ gateways: [] }, { Programmed: 'False NoInstances', Ready: 'False NotProgrammed' }],
    [
      { gateways: [], podsRefusal: 'exceeded quota' },
      { Programmed: 'False PodsRefused', Ready: 'False PodsRefused' },
    ],
    [
      { gateways: [{ pod: 'x', ready: true, report: answer({ inputs: 'old' }) }] },
      { Programmed: 'False InstancesBehind', Ready: 'False NotProgrammed' },
    ],
    [
      {
        gateways: [{ pod: 'x', ready: true, report: answer({ error: { field: 'spec.mtu', message: 'm' } }) }],
      },
      { Programmed: 'False InstanceError', Ready: 'False NotProgrammed' },
    ],
    [{ active: undefined }, { Programmed: 'True InstancesReported', Ready: 'False NoActiveGateway' }],
    [
      { decided: decide([], { serviceEndpoint: undefined, vpn: vpn({ replicas: 1 }) }) },
      { Ready: 'False EndpointUnknown' },
    ],
    [{ decided: decide([], { vpn: vpn({ replicas: 2 }) }) }, { Ready: 'False InstancesMissing' }],
    [{ decided: balanced }, { Programmed: 'True InstancesReported', Ready: 'False NoExternalAddress' }],
    [{ decided: balanced, ingress: [] }, { Ready: 'False NoExternalAddress' }],
    [{ decided: balanced, ingress: ['203.0.113.7'] }, { Ready: 'True Ready' }],
    [{ decided: balanced, serviceRefusal: 'no' }, { Ready: 'False ServiceRefused' }],
  ] as readonly (readonly [Partial<VpnStatusFacts>, Record<string, string>])[])(
    'says what is wrong (%#)',
    (more, expected) => {
      expect(said(facts(more))).toMatchObject(expected);
    },
  );
});

test('a condition of a VPN or of its peers that refers to another one names one that is False', () => {
  const choices = fc.record({
    network: fc.constantFrom('Found', 'NotFound', 'NotAccepted'),
    active: fc.constantFrom('branch-1', 'gone', undefined),
    decided: fc.constantFrom(
      decide([input(laptop)]),
      decide([input(laptop)], { subnets: ['10.0.0.0/8'] }),
      decide([input(peer('laptop', { addresses: ['10.1.1.1'] }))]),
    ),
    gateways: fc.constantFrom(
      facts().gateways,
      [],
      [{ pod: 'branch-1', ready: true, report: answer({ inputs: 'old' }) }],
      [{ pod: 'branch-1', ready: true, report: answer({ role: 'Standby' }) }],
      [{ pod: 'branch-1', ready: true, report: undefined }],
    ),
    podsRefusal: fc.constantFrom(undefined, 'exceeded quota'),
  }) as fc.Arbitrary<Partial<VpnStatusFacts>>;
  fc.assert(
    fc.property(choices, (more) => {
      const all = facts(more);
      expect(danglingIn(checkVpnStatus(all))).toEqual([]);
      const found = { vpn: all, peer: all.decided.peers[0]! };
      const verdicts = checkPeerStatus({ namespace: 'shop', vpn: 'branch', found });
      expect(danglingIn(verdicts)).toEqual([]);
      // What a peer says of its VPN is so as well.
      const [, named] = /lets nobody in; see its condition (\w+)/.exec(JSON.stringify(verdicts)) ?? [];
      if (named) expect(checkVpnStatus(all).find(({ type }) => type === named)?.status).toBe('False');
    }),
    { numRuns: 300 },
  );
});

test('a VPN and its peers say which files changed, and which name servers clients do not ask through it', () => {
  const [one] = decide([input(laptop)], { vpn: vpn({ dns: ['10.30.0.53'] }) }).peers;
  const mark = { at: '2026-11-28T12:00:00Z', entries: ['Address'], before: '0123456789abcdef' };
  const decided = decide([input(laptop)], { vpn: vpn({ replicas: 1, dns: ['10.30.0.53'] }) });
  const all = facts({ decided: { ...decided, peers: [{ ...one!, mark }] } });
  expect(said(all)).toMatchObject({
    Ready: 'True Ready',
    DnsRouted: 'False DnsOutsideRoutes',
    FilesCurrent: 'False FilesChanged',
  });
  const found = { vpn: all, peer: all.decided.peers[0]! };
  const verdicts = checkPeerStatus({ namespace: 'shop', vpn: 'branch', found });
  const messageOf = (type: string) => verdicts.find((each) => each.type === type)?.message;
  expect(messageOf('DnsRouted')).toContain(
    'spec.dns of VPN branch: 10.30.0.53 is not reached through the tunnel',
  );
  expect(messageOf('FileCurrent')).toBe(
    'Address of the file changed at 2026-11-28T12:00:00Z; a file from before does not work any more. Give the peer its new file (kubectl heddle -n shop vpn show laptop), then remove the mark: kubectl -n shop annotate secret heddle-vpnpeer-laptop heddle.dev/file-changed-',
  );
  expect(messageOf('Ready')).toBe('It may connect, with its new file.');
});

describe('the status of a peer', () => {
  const status = (all = facts(), object = laptop) => {
    const decided = all.decided.peers.find(({ peer: each }) => each.metadata.name === object.metadata.name);
    const found = decided && { vpn: all, peer: decided };
    return summarizePeer(object, { namespace: 'shop', vpn: 'branch', found }, NOW);
  };
  const reasons = (all: VpnStatusFacts, object = laptop) =>
    Object.fromEntries((status(all, object).conditions ?? []).map(({ type, reason }) => [type, reason]));

  test('of one that is connected', () => {
    expect(status()).toMatchObject({
      addresses: ['10.99.0.5'],
      secret: 'heddle-vpnpeer-laptop',
      lastHandshake: '2026-11-28T11:59:50Z',
      endpoint: '203.0.113.9:40000',
      rxBytes: 100,
      txBytes: 200,
      connected: true,
    });
    expect(reasons(facts())).toEqual({
      Accepted: 'Valid',
      ResolvedRefs: 'Resolved',
      Programmed: 'GatewayReported',
      Ready: 'Ready',
      FileCurrent: 'FileUnchanged',
    });
  });

  test('says why it may not connect', () => {
    const off = peer('off', { disabled: true });
    const over = peer('over', { expiresAt: '2026-11-01T00:00:00Z' });
    const wrong = peer('wrong', { addresses: ['10.1.1.1'] });
    const all = facts({ decided: decide([off, over, wrong].map((each) => input(each))) });
    expect(reasons(all, off).Ready).toBe('Disabled');
    expect(reasons(all, over).Ready).toBe('Expired');
    expect(reasons(all, wrong)).toMatchObject({ Accepted: 'AddressOutsidePool', Ready: 'NotAccepted' });
    expect(reasons(facts({ network: 'NotFound' }))).toMatchObject({ ResolvedRefs: 'VpnNotAccepted' });
    expect(reasons(facts({ active: 'gone' }))).toMatchObject({
      Programmed: 'GatewayBehind',
      Ready: 'NotProgrammed',
    });
    expect(reasons(facts(), peer('alone'))).toMatchObject({
      ResolvedRefs: 'VpnNotFound',
      Ready: 'NotResolved',
    });
  });

  test('keeps what was heard of it when its gateway is gone, but does not call it connected', () => {
    const before = { ...laptop, status: status() };
    const gone = facts({ decided: decide([input(laptop)]), gateways: [] });
    expect(status(gone, before)).toMatchObject({
      endpoint: '203.0.113.9:40000',
      lastHandshake: '2026-11-28T11:59:50Z',
      rxBytes: 100,
      connected: false,
    });
  });

  test('is written at once for more than traffic', () => {
    const now = status();
    expect(differsBeyondTraffic(now, { ...now, rxBytes: 9, lastHandshake: '2026-11-28T12:00:00Z' })).toBe(
      false,
    );
    expect(differsBeyondTraffic(now, { ...now, connected: false })).toBe(true);
    expect(differsBeyondTraffic(undefined, now)).toBe(true);
  });
});
