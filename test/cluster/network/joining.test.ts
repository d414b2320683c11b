// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { apply, get, kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually, holds } from '../../../tools/cluster/wait.ts';
import { reportPort, usePhantomNode } from './phantom-node.ts';
import { boundPod, worldOf } from './world.ts';

const node = usePhantomNode();
const namespace = useNamespace('joining');
const world = worldOf(namespace, node);

describe('a pod that joins', () => {
  test('gets one Port with an address of each family, its own MAC, and its node', async () => {
    await world.network('dual', { subnets: [{ cidr: '10.20.0.0/24' }, { cidr: 'fd20::/64' }] });
    await world.pod('first', 'dual');
    const [port] = await world.acceptedPorts('first');
    expect(port?.spec).toMatchObject({
      network: { namespace, name: 'dual' },
      addresses: ['10.20.0.1', 'fd20::1'],
      interface: 'net1',
      node,
      pod: { name: 'first' },
    });
    expect(port?.spec.mac).toMatch(/^06(:[0-9a-f]{2}){5}$/);
    expect(port?.spec.vni).toBe((await world.readNetwork('dual')).status?.vni);
    expect(port?.metadata.labels).toMatchObject({ 'heddle.dev/network': `${namespace}.dual` });
    expect(port?.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', name: 'first' }]);
  });

  test('several times, gets different addresses at each interface', async () => {
    await world.pod('thrice', 'dual, dual@data, dual');
    const ports = await world.acceptedPorts('thrice', 3);
    expect(ports.map((port) => port.spec.interface).sort()).toEqual(['data', 'net1', 'net3']);
    expect(new Set(ports.flatMap((port) => port.spec.addresses)).size).toBe(6);
    expect(new Set(ports.map((port) => port.spec.mac)).size).toBe(3);
  });

  test('reads what it got in its annotation, beside what another CNI wrote there', async () => {
    await world.pod('told', [{ name: 'dual', ips: ['10.20.0.99'] }]);
    const [port] = await world.acceptedPorts('told');
    const other = [{ name: 'cluster', interface: 'eth0', ips: ['10.244.0.7'], default: true }];
    const value = `k8s.v1.cni.cncf.io/network-status=${JSON.stringify(other)}`;
    await kubectl(['annotate', 'pod', 'told', value], { namespace });
    await kubectl(
      ['patch', 'ports.heddle.dev', port!.metadata.name, '--type=merge', '-p', '{"spec":{"mtu":1400}}'],
      {
        namespace,
      },
    );
    await reportPort({ name: port!.metadata.name, namespace }, { status: 'True', reason: 'Attached' });
    const entries = await eventually('the annotation names the network', async () => {
      const pod = await get('pod', 'told', namespace);
      const list = JSON.parse(
        pod.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? '[]',
      ) as object[];
      return list.length === 2 ? list : undefined;
    });
    expect(entries[0]).toEqual(other[0]);
    expect(entries[1]).toMatchObject({
      name: `${namespace}/dual`,
      interface: 'net1',
      ips: ['10.20.0.99', expect.stringMatching(/^fd20::/)],
      mac: port!.spec.mac,
    });
  });

  test('gets the same addresses of both families when its Port is deleted by hand', async () => {
    const [before] = await world.acceptedPorts('told');
    await kubectl(['delete', 'ports.heddle.dev', before!.metadata.name], { namespace });
    const after = await eventually('another Port of the pod', async () => {
      const [port] = await world.acceptedPorts('told');
      return port?.metadata.uid === before!.metadata.uid ? undefined : port;
    });
    expect(after.spec).toMatchObject({ addresses: before!.spec.addresses, mac: before!.spec.mac });
  });
});

describe('an Event says why a pod cannot join, and the pod starts by itself once the cause is removed:', () => {
  test('an annotation that cannot be read', async () => {
    await world.network('plain', { subnets: [{ cidr: '10.21.0.0/24' }] });
    await world.pod('unread', 'plain/@');
    expect(await world.remark('unread', 'InvalidAnnotation')).toContain('element 1');
    await world.annotate('unread', 'plain');
    await world.acceptedPorts('unread');
  });

  test('a network that does not exist', async () => {
    await world.pod('early', 'late');
    expect(await world.remark('early', 'NetworkNotFound')).toContain(`${namespace}/late does not exist`);
    await world.network('late', { subnets: [{ cidr: '10.22.0.0/24' }] });
    await world.acceptedPorts('early');
  });

  test('an address that another pod has (security.md: tenant-takes-address)', async () => {
    await world.pod('holder', [{ name: 'plain', ips: ['10.21.0.50'] }]);
    const [held] = await world.acceptedPorts('holder');
    await world.pod('wants', [{ name: 'plain', ips: ['10.21.0.50'] }]);
    const message = await world.remark('wants', 'AddressInUse');
    expect(message).toContain(`10.21.0.50 is in use by Port ${namespace}/${held!.metadata.name}`);
    await world.remove('pod', 'holder');
    const [port] = await world.acceptedPorts('wants');
    expect(port?.spec.addresses).toEqual(['10.21.0.50']);
  });

  test('but not that its own predecessor still has its address', async () => {
    await world.pod('again', [{ name: 'plain', ips: ['10.21.0.60'] }]);
    const [former] = await world.acceptedPorts('again');
    await world.remove('pod', 'again');
    await world.pod('again', [{ name: 'plain', ips: ['10.21.0.60'] }]);
    const port = await eventually('the Port of the next pod', async () => {
      const [found] = await world.acceptedPorts('again');
      return found?.spec.pod.uid === former!.spec.pod.uid ? undefined : found;
    });
    expect(port.spec.addresses).toEqual(['10.21.0.60']);
    const warnings = await world.remarks('again');
    expect(warnings.filter((reason) => reason === 'AddressInUse')).toEqual([]);
  });

  test.each([
    ['outside its subnets', '10.99.0.1', 'is in none of its subnets (10.21.0.0/24)'],
    ['that is the network address', '10.21.0.0', 'is the network address of subnet 10.21.0.0/24'],
    ['that is the broadcast address', '10.21.0.255', 'is the broadcast address of subnet 10.21.0.0/24'],
  ])('an address %s', async (_what, ip, complaint) => {
    const pod = `stray-${ip.replaceAll('.', '-')}`;
    await world.pod(pod, [{ name: 'plain', ips: [ip] }]);
    expect(await world.remark(pod, 'AddressNotAllowed')).toContain(`${ip} ${complaint}`);
    await world.annotate(pod, 'plain');
    await world.acceptedPorts(pod);
  });

  test('one network of two that is missing: then it holds no address of the other', async () => {
    await world.pod('half', 'plain, missing');
    await world.remark('half', 'NetworkNotFound');
    expect(await world.ports('half')).toEqual([]);
    await world.annotate('half', 'plain, dual');
    await world.acceptedPorts('half', 2);
  });

  test('a subnet that is full, until one of its pods goes', async () => {
    await world.network('tiny', { subnets: [{ cidr: '10.23.0.0/30', reserved: ['10.23.0.2'] }] });
    await world.pod('fits', 'tiny');
    await world.acceptedPorts('fits');
    await world.pod('waits', 'tiny');
    expect(await world.remark('waits', 'SubnetExhausted')).toContain(
      'no free IPv4 address (10.23.0.0/30 full)',
    );
    await world.remove('pod', 'fits');
    const [port] = await world.acceptedPorts('waits');
    expect(port?.spec.addresses).toEqual(['10.23.0.1']);
  });

  test('a subnet that is full, until the network gets another', async () => {
    await world.network('grows', { subnets: [{ cidr: '10.24.0.0/31' }] });
    for (const name of ['grow-1', 'grow-2', 'grow-3']) await world.pod(name, 'grows');
    await world.acceptedPorts('grow-1');
    await world.acceptedPorts('grow-2');
    await world.remark('grow-3', 'SubnetExhausted');
    await world.network('grows', { subnets: [{ cidr: '10.24.0.0/31' }, { cidr: '10.25.0.0/24' }] });
    const [port] = await world.acceptedPorts('grow-3');
    expect(port?.spec.addresses).toEqual(['10.25.0.1']);
  });
});

describe('a pod of another namespace', () => {
  const guest = useNamespace('guest');

  test('joins only when the network lets its namespace in (security.md: tenant-joins-network)', async () => {
    await world.network('club', {
      subnets: [{ cidr: '10.26.0.0/24' }],
      attach: { namespaces: 'Selector', selector: { matchLabels: { club: 'yes' } } },
    });
    const there = worldOf(guest, node);
    await there.pod('visitor', `${namespace}/club`);
    expect(await there.remark('visitor', 'NamespaceNotAllowed')).toContain(`pods of namespace ${guest}`);
    expect(await there.ports('visitor')).toEqual([]);
    await kubectl(['label', 'namespace', guest, 'club=yes']);
    await there.acceptedPorts('visitor');
  });
});

test('a pod on the network of its node is told that it does not start', async () => {
  const pod = boundPod({ name: 'hosted', node, networks: 'dual' }) as { spec: object };
  await apply([{ ...pod, spec: { ...pod.spec, hostNetwork: true } }], namespace);
  expect(await world.remark('hosted', 'HostNetworkRefused')).toContain('hostNetwork');
  await holds('it has no Port', async () => (await world.ports('hosted')).length === 0, { forMs: 1000 });
});
