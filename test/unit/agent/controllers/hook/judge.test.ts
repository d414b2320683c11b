// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { judgeStart, type StartFacts } from '../../../../../agent/controllers/hook/judge.ts';
import type { Port, VirtualNetwork } from '../../../../../api/index.ts';

const portOf = (name: string) => ({ spec: { interface: name } }) as unknown as Port;
const networkOf = (deletionTimestamp?: string) => ({ metadata: { deletionTimestamp } }) as VirtualNetwork;

function judge(facts: Partial<StartFacts>) {
  const networks = new Map([
    ['shop/net', networkOf()],
    ['shop/leaving', networkOf('2026-11-30T18:00:00Z')],
  ]);
  return judgeStart({
    pod: 'shop/web',
    wanted: [wants('net')],
    ports: [],
    network: (key) => networks.get(key),
    synced: true,
    waited: false,
    ...facts,
  });
}

const wants = (name: string, at = 'net1') => ({ name: at, network: { namespace: 'shop', name } });

test('a pod whose Ports all exist is attached, in the order of its annotation', () => {
  const ports = [portOf('other'), portOf('net2'), portOf('net1')];
  expect(judge({ wanted: [wants('net'), wants('net', 'net2')], ports })).toEqual({
    kind: 'Attach',
    ports: [ports[2], ports[1]],
  });
});

test('a pod whose network does not exist is refused at once, with the name', () => {
  expect(judge({ wanted: [wants('net'), wants('nowhere', 'net2')] })).toEqual({
    kind: 'Refuse',
    message: 'pod shop/web: VirtualNetwork shop/nowhere does not exist; see its Events',
  });
});

test('a pod whose network is being deleted is refused at once', () => {
  expect(judge({ wanted: [wants('leaving')] }).kind).toBe('Refuse');
});

test('a pod that has its Port keeps it, also when its network is deleted or refuses it', () => {
  expect(judge({ wanted: [wants('nowhere')], ports: [portOf('net1')] }).kind).toBe('Attach');
});

test('a pod that only waits for the operator may wait once, and is then refused at once', () => {
  const message = 'pod shop/web: no address was allocated for net1 yet; see its Events';
  expect(judge({})).toEqual({ kind: 'Wait', message });
  expect(judge({ waited: true })).toEqual({ kind: 'Refuse', message });
});

test('an instance of a function belongs to no network, and waits for the operator', () => {
  expect(judge({ wanted: [{ name: 'chain0' }] }).kind).toBe('Wait');
});

test('an agent that has not read everything refuses no network as unknown, and attaches nothing', () => {
  const message = 'pod shop/web: the agent has not read all resources yet';
  expect(judge({ synced: false, wanted: [wants('nowhere')] })).toEqual({ kind: 'Wait', message });
  expect(judge({ synced: false, ports: [portOf('net1')] }).kind).toBe('Wait');
});
