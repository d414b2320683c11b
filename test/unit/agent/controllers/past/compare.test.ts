// SPDX-License-Identifier: Apache-2.0
// security.md: pod-starts-past-agent
import { expect, test } from 'vitest';
import { comparePod, type PastFacts } from '../../../../../agent/controllers/past/compare.ts';
import type { RuntimePod } from '../../../../../agent/nri/plugin.ts';
import type { Port } from '../../../../../api/index.ts';

const STARTED = 1000;

function podOf(networks: string): RuntimePod {
  const annotations = { 'k8s.v1.cni.cncf.io/networks': networks };
  return { id: 's', uid: 'u', namespace: 'shop', name: 'web', netnsPath: '/n', labels: {}, annotations };
}

function portOf(name: string): Port {
  const network = { namespace: 'shop', name: 'net' };
  return { metadata: { namespace: 'shop', name }, spec: { interface: name, network } } as unknown as Port;
}

function compare(networks: string, facts: Partial<PastFacts> = {}, since: number | undefined = STARTED) {
  const ranges: Readonly<Record<string, readonly string[]>> = {
    'shop/net': ['10.1.0.0/16'],
    'club/lan': ['fd01::/64', '10.2.0.0/16'],
  };
  return comparePod(
    { pod: podOf(networks), since },
    {
      ports: [],
      isOthers: (key) => key === 'shop/macvlan',
      rangesOf: (key) => ranges[key],
      isAccepted: () => true,
      isComplete: () => false,
      madeAt: () => undefined,
      ...facts,
    },
  );
}

const nothing = { attach: [], missing: [], late: [], fence: [] };

test('a pod that an earlier agent attached has all its interfaces', () => {
  expect(compare('net', { ports: [portOf('net1')], isComplete: () => true })).toEqual(nothing);
});

test('a pod lacks nothing that is left to another CNI', () => {
  expect(compare('macvlan')).toEqual(nothing);
  expect(compare('macvlan, net').missing.map(({ name }) => name)).toEqual(['net2']);
});

test('a pod whose interface was made before its first container has all its interfaces', () => {
  const facts = { ports: [portOf('net1')], isComplete: () => true, madeAt: () => STARTED - 1 };
  expect(compare('net', facts)).toEqual(nothing);
});

test('an interface that was made after the first container came late', () => {
  const facts = { ports: [portOf('net1')], isComplete: () => true, madeAt: () => STARTED + 1 };
  expect(compare('net', facts)).toEqual({ ...nothing, late: facts.ports });
});

test('an interface that was made for a pod that ran already came late, when the runtime tells no times', () => {
  const facts = { ports: [portOf('net1')], isComplete: () => true, madeAt: () => 5 };
  const suspect = { pod: podOf('net'), since: undefined };
  const verdict = comparePod(suspect, {
    ...facts,
    isOthers: () => false,
    rangesOf: () => [],
    isAccepted: () => true,
  });
  expect(verdict.late).toEqual(facts.ports);
});

test('a pod that may have its interface gets it, and is fenced until then', () => {
  const ports = [portOf('net1')];
  expect(compare('net', { ports })).toEqual({ ...nothing, attach: ports, fence: ['10.1.0.0/16'] });
});

test('a claim that is not accepted gives no interface', () => {
  const verdict = compare('net', { ports: [portOf('net1')], isAccepted: () => false });
  expect(verdict.attach).toEqual([]);
  expect(verdict.missing).toEqual([{ name: 'net1', why: 'VirtualNetwork shop/net has given it no address' }]);
});

test('a pod on a network that does not exist lacks it, and no range is known', () => {
  expect(compare('nowhere')).toEqual({
    ...nothing,
    missing: [{ name: 'net1', why: 'VirtualNetwork shop/nowhere does not exist' }],
  });
});

test('a pod that its network refuses is fenced off all ranges of that network, and off no other', () => {
  const verdict = compare('net, club/lan', { ports: [portOf('net1')], isComplete: () => true });
  expect(verdict.missing).toEqual([{ name: 'net2', why: 'VirtualNetwork club/lan has given it no address' }]);
  expect(verdict.fence).toEqual(['10.2.0.0/16', 'fd01::/64']);
});

test('an annotation that cannot be read is told in its own words', () => {
  const { missing } = compare('net/@');
  expect(missing[0]?.why).toContain('annotation k8s.v1.cni.cncf.io/networks: element 1');
});
