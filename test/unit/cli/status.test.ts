// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { CustomFunction } from '../../../api/index.ts';
import { plain } from '../../../cli/print/paint.ts';
import { formatStatus } from '../../../cli/status/print.ts';
import { summarize } from '../../../cli/status/summarize.ts';
import type { World } from '../../../cli/status/world.ts';
import { peer, vpn } from '../operator/vpn-world.ts';
import { chain, condition, firewall, network, node, port, report, see, world } from './world.ts';

/** Object and message of each finding, problems first. */
function findings(changes: Partial<World>): readonly string[] {
  return summarize(world(changes)).findings.map(
    ({ severity, object, message }) => `${severity} ${object}: ${message}`,
  );
}

describe('kubectl heddle status', () => {
  test('says that all is well where it is, and what there is', () => {
    const summary = summarize(world());
    expect(summary).toEqual({
      well: true,
      counts: [
        'operator 2/2 ready (leader heddle-operator-a)',
        'agents 2/2 ready',
        '1 network',
        '1 chain',
        '1 firewall',
        '2 Ports',
      ],
      findings: [],
      unread: [],
    });
    expect(formatStatus(summary, plain)).toContain('All is well.');
  });

  test('takes from the conditions what is not well, with what the registry of reasons says to do', () => {
    const bad = firewall([
      condition('Accepted', 'False', 'InvalidSpec', 'spec.rules[3].source: ...'),
      condition('Ready', 'False', 'NotAccepted', 'The spec is not accepted.'),
    ]);
    const { well, findings: found } = summarize(world({ firewalls: [bad] }));
    expect(well).toBe(false);
    // Ready only points at Accepted: it need not be said twice.
    expect(found).toEqual([
      {
        severity: 'Problem',
        object: 'Firewall shop/edge',
        message: 'Accepted (InvalidSpec): spec.rules[3].source: ...',
        todo: 'Correct the field that the message names.',
      },
    ]);
  });

  test('counts custom functions where there are some, and says what is wrong with one', () => {
    const { metadata } = firewall();
    const trouble = '0 of 1 instances are ready; pod mine-1, container function: ErrImagePull.';
    const mine: CustomFunction = {
      apiVersion: 'heddle.dev/v1alpha1',
      kind: 'CustomFunction',
      metadata: { ...metadata, name: 'mine' },
      spec: { replicas: 1, drainSeconds: 30, image: 'mine:1', interfaces: 'One' },
      status: { conditions: [condition('Ready', 'False', 'InstancesMissing', trouble)] },
    };
    expect(findings({ customFunctions: [mine] })).toEqual([
      `Problem CustomFunction shop/mine: Ready (InstancesMissing): ${trouble}`,
    ]);
    expect(summarize(world({ customFunctions: [mine] })).counts).toContain('1 custom function');
    expect(summarize(world()).counts.join()).not.toContain('custom function');
  });

  test('says that a chain is shadowed, though that condition is True', () => {
    const shadowed = chain({ conditions: [condition('Shadowed', 'True', 'ShadowedByChain', 'by shop/all')] });
    expect(findings({ chains: [shadowed] })).toEqual([
      'Problem ServiceChain shop/storefront: Shadowed (ShadowedByChain): by shop/all',
    ]);
  });

  test('counts VPNs and peers; a disabled peer is no problem, a peer that cannot connect is one', () => {
    const ready = (reason: string) => ({
      conditions: [condition('Ready', reason === 'Ready' ? 'True' : 'False', reason)],
    });
    const peers = [
      { ...peer('laptop'), status: { ...ready('Ready'), connected: true } },
      { ...peer('old', { expiresAt: '2026-11-01T00:00:00Z' }), status: ready('Expired') },
      { ...peer('off', { disabled: true }), status: ready('Disabled') },
    ];
    const vpns = [{ ...vpn(), status: ready('Ready') }];
    const well = summarize(world({ vpns, vpnPeers: peers }));
    expect(well.well).toBe(true);
    expect(well.counts).toContain('3 VPN peers (1 connected)');
    expect(findings({ vpns, vpnPeers: peers })).toEqual([
      'Notice VPNPeer shop/old: it may not connect since 2026-11-01T00:00:00Z',
    ]);
    const thief = {
      ...peer('thief'),
      status: { conditions: [condition('Accepted', 'False', 'AllowedIPsOverlap', 'spec.allowedIPs: ...')] },
    };
    expect(findings({ vpns, vpnPeers: [thief] })).toEqual([
      'Problem VPNPeer shop/thief: Accepted (AllowedIPsOverlap): spec.allowedIPs: ...',
    ]);
  });

  test('a reason that it does not know counts by its status', () => {
    const newer = network([condition('Ready', 'False', 'BrandNew'), condition('Other', 'True', 'Fine')]);
    expect(findings({ networks: [newer] })).toEqual([
      'Problem VirtualNetwork shop/shop: Ready (BrandNew): because',
    ]);
  });

  test.each([
    ['Failed', 0, 'Closed', '0 of 2 instances take flows; its flows are dropped (onFailure: Closed)'],
    ['Failed', 0, 'Open', '0 of 2 instances take flows; flows pass without it (onFailure: Open)'],
    ['Degraded', 1, 'Closed', '1 of 2 instances take flows'],
  ] as const)(
    'says of a hop that is %s with %i instances, %s, what becomes of its flows',
    (state, ready, onFailure, text) => {
      const { findings: found } = summarize(world({ chains: [chain({ state, ready, onFailure })] }));
      expect(found).toEqual([
        {
          severity: 'Problem',
          object: 'ServiceChain shop/storefront',
          message: `hop 1, Firewall edge: ${text}`,
          todo: 'kubectl -n shop get pods -l heddle.dev/function=firewall.edge',
        },
      ]);
    },
  );

  test('does not say of a hop what a condition says better', () => {
    const message = 'Hop 1, Firewall edge: 1 of 2; pod edge-2 does not forward, delete it.';
    const conditions = [condition('Ready', 'True', 'HopDegraded', message)];
    expect(findings({ chains: [chain({ conditions, state: 'Degraded', ready: 1 })] })).toEqual([
      `Problem ServiceChain shop/storefront: Ready (HopDegraded): ${message}`,
    ]);
  });

  test('names the pod of an instance that does not forward, and nodes that do not reach each other', () => {
    const reports = see([report('one', { unreachable: ['two'] }), report('two', { down: [7] })]);
    expect(findings({ reports })).toEqual([
      'Problem Node one: it does not reach node two: the instances there take none of its flows',
      'Problem Pod shop/edge-1: instance 7 of Firewall edge on node two takes no packets: probes that go in do not come out',
    ]);
  });

  test('names an instance that a kernel holds back though nobody reported it', () => {
    const kernels = see([{ node: 'two', seconds: 1, down: [7, 99], packets: {} }]);
    expect(findings({ kernels })).toEqual([
      'Problem Pod shop/edge-1: instance 7 of Firewall edge on node two takes no packets: its node has not seen a probe come out of it yet',
    ]);
    // Once is enough.
    expect(findings({ kernels, reports: see([report('one'), report('two', { down: [7] })]) })).toHaveLength(
      1,
    );
  });

  test('names Ports that are not there, once a pod had time to start', () => {
    const fresh = { ...port('new', { ready: false }) };
    const young = { ...fresh, metadata: { ...fresh.metadata, creationTimestamp: '2026-11-23T11:59:55Z' } };
    expect(findings({ ports: [port('late', { ready: false }), young] })).toEqual([
      'Problem Port shop/late-net1: interface net1 of pod late on node one is not there',
    ]);
  });

  test('names pods that started past the agent: without an interface, or before it came', () => {
    const late = { ...port('late'), status: { conditions: [condition('Ready', 'True', 'AttachedLate')] } };
    const starts = condition('PodsAttached', 'False', 'PodsStartedWithout', '1 pods: shop/bare');
    const reports = see([report('one', { conditions: [starts] }), report('two')]);
    expect(findings({ ports: [late], reports })).toEqual([
      'Problem NodeReport heddle-system/one: PodsAttached (PodsStartedWithout): 1 pods: shop/bare',
      'Notice Port shop/late-net1: interface net1 of pod late: AttachedLate: because',
    ]);
  });

  test('says where agents are missing or not well, and that packets flow on', () => {
    const agentPods = see([{ name: 'agent-one', node: 'one', ready: false, why: 'agent: CrashLoopBackOff' }]);
    expect(findings({ agentPods })).toEqual([
      'Problem Node one: its agent is not ready (agent: CrashLoopBackOff): packets flow as they did, changes do not reach the node',
      'Problem Node two: it has 1 Ports and no agent: changes do not reach it',
    ]);
    const nodes = see([node('one'), node('two'), node('three')]);
    expect(findings({ nodes })).toEqual([
      'Notice Node three: it has no agent: pods of virtual networks cannot start there',
    ]);
    expect(findings({ reports: see([report('one')]) })).toEqual([
      'Problem Node two: its agent runs and has not reported what the kernel has',
    ]);
  });

  test('says that changes are not applied while no operator runs or none is the leader', () => {
    const operator = see({ spec: { replicas: 2 }, status: {} });
    const leader = see({ holder: 'gone', ageMs: 120_000, durationMs: 15_000 });
    expect(findings({ operator, leader })).toEqual([
      'Problem Deployment heddle-system/heddle-operator: none of 2 operators is ready: what is written now changes nothing, what runs goes on',
      'Problem Lease heddle-system/heddle-operator: its holder gone has not renewed it for 120 s: no operator leads',
    ]);
    // Where there is none, it goes without saying that none leads.
    expect(findings({ operator: see(undefined), leader: see(undefined) })).toEqual([
      'Problem Deployment heddle-system/heddle-operator: there is none',
    ]);
    expect(findings({ operator: see({ spec: { replicas: 2 }, status: { readyReplicas: 1 } }) })).toEqual([
      'Notice Deployment heddle-system/heddle-operator: 1 of 2 operators are ready',
    ]);
  });

  test('objects that nobody has looked at are a problem after a while, old statuses a notice', () => {
    const unseen = { ...network([]), status: {} };
    const behind = { ...chain({}), status: { ...chain({}).status, observedGeneration: 1 } };
    expect(findings({ networks: [unseen], chains: [behind] })).toEqual([
      'Problem VirtualNetwork shop/shop: nobody has looked at it for 3600 s',
      'Notice ServiceChain shop/storefront: its status speaks of generation 1, it is at 2',
    ]);
  });

  test('packets that are lost now are a problem, those that should not have been sent a notice, the rest is usual', () => {
    const kernels = see([
      {
        node: 'one',
        seconds: 2,
        down: [],
        packets: { hop_down: 4, spoofed_source: 1, multicast: 9, new_reason: 1 },
      },
    ]);
    const { findings: found } = summarize(world({ kernels }));
    expect(found.map(({ severity, message }) => `${severity} ${message.split(':')[0]}`)).toEqual([
      'Problem 4 packets dropped in 2.0 s as hop_down',
      'Notice 1 packets dropped in 2.0 s as spoofed_source',
      'Notice 1 packets dropped in 2.0 s as new_reason',
    ]);
  });

  test('names what the user may not read, which is no problem', () => {
    const why = 'you may not list nodes in all namespaces';
    const summary = summarize(world({ nodes: { kind: 'Unread', why }, reports: { kind: 'Unread', why } }));
    expect(summary).toMatchObject({ well: true, unread: [why] });
    expect(formatStatus(summary, plain)).toContain('All is well, as far as you may look.');
  });

  test('is printed object by object, problems before notices', () => {
    const text = formatStatus(
      summarize(
        world({
          chains: [chain({ state: 'Degraded', ready: 1 })],
          nodes: see([node('one'), node('two'), node('three')]),
        }),
      ),
      plain,
    );
    expect(
      text,
    ).toBe(`operator 2/2 ready (leader heddle-operator-a), agents 2/2 ready, 1 network, 1 chain, 1 firewall, 2 Ports

ServiceChain shop/storefront
  hop 1, Firewall edge: 1 of 2 instances take flows
  -> kubectl -n shop get pods -l heddle.dev/function=firewall.edge

Node three
  notice: it has no agent: pods of virtual networks cannot start there
  -> kubectl -n heddle-system describe ds heddle-agent (and agent.nodeSelector of the chart)

1 problem.
`);
  });
});
