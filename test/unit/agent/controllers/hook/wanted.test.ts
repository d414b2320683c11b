// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { asksForInterfaces, wantedInterfaces } from '../../../../../agent/controllers/hook/wanted.ts';
import type { Port } from '../../../../../api/index.ts';

const podWith = (annotations: Readonly<Record<string, string>>) => ({
  namespace: 'shop',
  name: 'web',
  annotations,
});
const joins = (networks: string) => podWith({ 'k8s.v1.cni.cncf.io/networks': networks });

function portOf(name: string, listed?: string): Port {
  const annotations = listed === undefined ? {} : { 'heddle.dev/interfaces': listed };
  const network = { namespace: 'shop', name: 'net' };
  return { metadata: { annotations }, spec: { interface: name, network } } as unknown as Port;
}

const names = (pod: Parameters<typeof wantedInterfaces>[0], ports: readonly Port[] = []) => {
  const isOthers = (key: string) => key === 'shop/macvlan';
  const wanted = wantedInterfaces(pod, { ports, isOthers });
  return wanted.ok ? wanted.value.map(({ name }) => name) : wanted.complaint.message;
};

test('the annotations say which interfaces a pod must have', () => {
  expect(names(joins('net, other/lan@data'))).toEqual(['net1', 'data']);
  expect(names(podWith({ 'heddle.dev/chain-interface': 'chain0' }))).toEqual(['chain0']);
  expect(names(podWith({ 'heddle.dev/chain-interface': 'left,right' }))).toEqual(['left']);
  expect(names(podWith({}))).toEqual([]);
  expect(names(joins('net/@'))).toContain('pod shop/web: annotation k8s.v1.cni.cncf.io/networks: element 1');
});

test('networks of other CNIs are left to them, whatever their elements say, and count for the names of interfaces', () => {
  expect(names(joins('macvlan, net'))).toEqual(['net2']);
  expect(names(joins('[{"name":"macvlan","default-route":["10.0.0.1"]},{"name":"net"}]'))).toEqual(['net2']);
  expect(names(joins('macvlan'))).toEqual([]);
  const both = { 'k8s.v1.cni.cncf.io/networks': 'macvlan', 'heddle.dev/networks': 'net' };
  expect(names(podWith(both))).toEqual(['net2']);
  expect(asksForInterfaces(podWith({ 'heddle.dev/networks': 'net' }))).toBe(true);
});

test('a pod whose annotation was corrected while it waited must have what its Ports list', () => {
  expect(names(joins('net/@'), [portOf('data', 'data')])).toEqual(['data']);
  expect(names(joins('net, nowhere'), [portOf('net1', 'net1')])).toEqual(['net1']);
});

test('a pod waits for each interface that a Port lists, also when the Port of another one does not exist yet', () => {
  expect(names(joins('net, net'), [portOf('net1', 'net1,net2')])).toEqual(['net1', 'net2']);
});

test('a Port that lists nothing is of an operator of the release before: the annotations count', () => {
  expect(names(joins('net, net'), [portOf('net1')])).toEqual(['net1', 'net2']);
});

test('a pod without annotations asks for nothing; one with a wrong annotation does', () => {
  expect(asksForInterfaces(podWith({}))).toBe(false);
  expect(asksForInterfaces(joins(' '))).toBe(false);
  expect(asksForInterfaces(joins('net/@'))).toBe(true);
  expect(asksForInterfaces(podWith({ 'heddle.dev/chain-interface': 'chain0' }))).toBe(true);
});
