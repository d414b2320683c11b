// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { VirtualNetwork } from '../../../api/index.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { kubectl, list, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually, holds } from '../../../tools/cluster/wait.ts';
import { createNode, report, reportPort, usePhantomNode } from './phantom-node.ts';
import { worldOf } from './world.ts';

const node = usePhantomNode();
const namespace = useNamespace('networks');
const world = worldOf(namespace, node);

const network = (name: string) => ({ kind: 'virtualnetwork', name, namespace });

async function isGone(kind: string, name: string): Promise<boolean> {
  const { code, stderr } = await tryKubectl(['get', kind, name], { namespace });
  return code !== 0 && stderr.includes('NotFound');
}

async function vniOf(name: string): Promise<number> {
  return eventually(`network ${name} has a VNI`, async () => (await world.readNetwork(name)).status?.vni);
}

describe('the VNI of a network', () => {
  test('is allocated, and stays when the spec changes', async () => {
    await world.network('stays', { subnets: [{ cidr: '10.30.0.0/24' }] });
    const vni = await vniOf('stays');
    await world.network('stays', { subnets: [{ cidr: '10.30.0.0/24' }, { cidr: '10.31.0.0/24' }] });
    const changed = await waitForCondition(network('stays'), 'Accepted');
    expect((changed as unknown as VirtualNetwork).status).toMatchObject({ vni, observedGeneration: 2 });
  });

  test('that two networks pin belongs to the older; the other one is told, and gets it when the older goes', async () => {
    const vni = 16_000_000 + Math.floor(Math.random() * 700_000);
    await world.network('older', { vni, subnets: [{ cidr: '10.32.0.0/24' }] });
    expect(await vniOf('older')).toBe(vni);
    await world.network('younger', { vni, subnets: [{ cidr: '10.32.0.0/24' }] });
    const refused = await waitForCondition(network('younger'), 'Accepted', {
      status: 'False',
      reason: 'VniConflict',
    });
    const condition = refused.status?.conditions?.find(({ type }) => type === 'Accepted');
    expect(condition?.message).toContain(`spec.vni ${vni} is held by network ${namespace}/older`);
    await world.pod('refused', 'younger');
    expect(await world.remark('refused', 'NetworkNotAccepted')).toContain(`${namespace}/older`);
    await world.remove('virtualnetwork', 'older');
    await waitForCondition(network('younger'), 'Accepted');
    const [port] = await world.acceptedPorts('refused');
    expect(port?.spec.vni).toBe(vni);
  });

  test('is given to nobody while a node still has it in its kernel', async () => {
    const vni = 15_000_000 + Math.floor(Math.random() * 700_000);
    await report(node, { vnis: [vni] });
    await world.network('lingering', { vni, subnets: [{ cidr: '10.33.0.0/24' }] });
    const refused = await waitForCondition(network('lingering'), 'Accepted', { status: 'False' });
    expect(JSON.stringify(refused.status?.conditions)).toContain(`still in use on node ${node}`);
    await report(node, { vnis: [] });
    await waitForCondition(network('lingering'), 'Accepted');
    expect(await vniOf('lingering')).toBe(vni);
  });
});

describe('a network', () => {
  test('that asks for more than the nodes carry is refused, and says what they carry', async () => {
    await report(node, { vteps: ['192.0.2.7'], underlayMtu: 9000 });
    await world.network('wide', { mtu: 65_000, subnets: [{ cidr: '10.34.0.0/24' }] });
    const refused = await waitForCondition(network('wide'), 'Accepted', {
      status: 'False',
      reason: 'MtuTooLarge',
    });
    expect(JSON.stringify(refused.status?.conditions)).toMatch(
      /spec\.mtu 65000 is larger than \d+, the most/,
    );
    await world.network('wide', { mtu: 1300, subnets: [{ cidr: '10.34.0.0/24' }] });
    await waitForCondition(network('wide'), 'Accepted');
    expect((await world.readNetwork('wide')).status?.mtu).toBe(1300);
  });

  test('is Programmed when each node with a Port of it has reported its generation, not before', async () => {
    await world.network('slow', { subnets: [{ cidr: '10.35.0.0/29' }] });
    await waitForCondition(network('slow'), 'Programmed');
    await world.pod('on-slow', 'slow');
    await world.acceptedPorts('on-slow');
    const behind = await waitForCondition(network('slow'), 'Programmed', { status: 'False' });
    expect(JSON.stringify(behind.status?.conditions)).toContain(node);
    await report(node, { networks: { [`${namespace}/slow`]: 1 } });
    const ready = await waitForCondition(network('slow'), 'Ready');
    expect((ready as unknown as VirtualNetwork).status).toMatchObject({
      ports: 1,
      nodes: 1,
      subnets: [{ cidr: '10.35.0.0/29', allocated: 1, available: 5 }],
    });
    await world.network('slow', { subnets: [{ cidr: '10.35.0.0/29', reserved: ['10.35.0.6'] }] });
    await waitForCondition(network('slow'), 'Programmed', { status: 'False' });
  });

  test('whose subnet is taken away under its pods says whose, and disturbs nobody', async () => {
    await world.network('shrinks', { subnets: [{ cidr: '10.36.0.0/24' }, { cidr: '10.37.0.0/24' }] });
    await world.pod('settled', 'shrinks');
    const [before] = await world.acceptedPorts('settled');
    await world.network('shrinks', { subnets: [{ cidr: '10.37.0.0/24' }] });
    const refused = await waitForCondition(network('shrinks'), 'Accepted', {
      status: 'False',
      reason: 'SubnetInUse',
    });
    expect(JSON.stringify(refused.status?.conditions)).toContain(`${namespace}/settled`);
    await world.pod('newcomer', 'shrinks');
    const [port] = await world.acceptedPorts('newcomer');
    expect(port?.spec.addresses).toEqual(['10.37.0.1']);
    const [after] = await world.ports('settled');
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    await world.remove('pod', 'settled');
    await waitForCondition(network('shrinks'), 'Accepted');
  });
});

describe('deletion', () => {
  test('of a network under its pods waits, says for whom, and ends when they are gone', async () => {
    await world.network('leaving', { subnets: [{ cidr: '10.38.0.0/24' }] });
    await world.pod('last', 'leaving');
    await world.acceptedPorts('last');
    await world.remove('virtualnetwork', 'leaving');
    const waiting = await waitForCondition(network('leaving'), 'Ready', {
      status: 'False',
      reason: 'WaitingForPorts',
    });
    expect(JSON.stringify(waiting.status?.conditions)).toContain(`${namespace}/last`);
    await world.pod('too-late', 'leaving');
    await world.remark('too-late', 'NetworkDeleting');
    expect(await world.ports('last')).toHaveLength(1);
    await world.remove('pod', 'last');
    await eventually('the network is gone', () => isGone('virtualnetwork', 'leaving'));
  });

  test('of a pod that ended frees its address only when the node has confirmed that the interface is gone', async () => {
    await world.network('careful', { subnets: [{ cidr: '10.39.0.0/32' }] });
    await world.pod('done', 'careful');
    const [port] = await world.acceptedPorts('done');
    await kubectl(
      [
        'patch',
        'pod',
        'done',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"phase":"Succeeded"}}',
      ],
      {
        namespace,
      },
    );
    await world.pod('next', 'careful');
    await world.remark('next', 'SubnetExhausted');
    await holds('the Port stays', async () => (await world.ports('done')).length === 1, { forMs: 1500 });
    await reportPort({ name: port!.metadata.name, namespace }, { status: 'False', reason: 'Detached' });
    const [freed] = await world.acceptedPorts('next');
    expect(freed?.spec.addresses).toEqual(port?.spec.addresses);
  });

  test('of a pod that leaves behind what it owns does not keep its address', async () => {
    await world.network('orphaned', { subnets: [{ cidr: '10.42.0.0/24' }] });
    await world.pod('careless', 'orphaned');
    await world.acceptedPorts('careless');
    await kubectl(['delete', 'pod', 'careless', '--cascade=orphan', '--wait=false'], { namespace });
    await eventually('the Port is gone', async () => (await world.ports('careless')).length === 0);
  });

  test('of a node takes its Ports along, and a network that waited for them goes', async () => {
    const lost = `${node}-lost`;
    await createNode(lost);
    const there = worldOf(namespace, lost);
    await there.network('stranded', { subnets: [{ cidr: '10.40.0.0/24' }] });
    await there.pod('on-lost', 'stranded');
    await there.acceptedPorts('on-lost');
    await world.remove('virtualnetwork', 'stranded');
    await waitForCondition(network('stranded'), 'Ready', { status: 'False', reason: 'WaitingForPorts' });
    await kubectl(['delete', 'node', lost, '--wait=false']);
    await eventually('the network is gone', () => isGone('virtualnetwork', 'stranded'));
    expect(await world.ports('on-lost')).toEqual([]);
    await world.remove('pod', 'on-lost');
  });
});

describe('a namespace with networks and pods', () => {
  const whole = useNamespace('whole');

  test('goes as a whole and leaves nothing behind', async () => {
    const there = worldOf(whole, node);
    await there.network('one', { subnets: [{ cidr: '10.41.0.0/24' }] });
    await there.pod('p1', 'one');
    await there.pod('p2', 'one');
    await there.acceptedPorts('p1');
    await there.acceptedPorts('p2');
    await kubectl(['delete', 'namespace', whole, '--wait=false']);
    await eventually('the namespace is gone', async () => {
      const { code, stderr } = await tryKubectl(['get', 'namespace', whole]);
      return code !== 0 && stderr.includes('NotFound');
    });
    const left = await list('ports.heddle.dev', { namespace: whole });
    expect(left).toEqual([]);
  });
});
