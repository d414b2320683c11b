// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { compilePod } from '../../../../../operator/compile/ports/pod.ts';
import { ledgerOf } from '../../../../../operator/controllers/network/ledger.ts';
import { observePod } from '../../../../../operator/controllers/pod/snapshot.ts';
import { vpn } from '../../vpn-world.ts';
import {
  addressesOf,
  condition,
  controllerRef,
  golden,
  makeFirewall,
  makeInstance,
  makeNetwork,
  makePod,
  makeStores,
  planFor,
  settle,
} from '../../world.ts';

const dual = makeNetwork('dual', {
  spec: { subnets: [{ cidr: '10.20.0.0/29', reserved: ['10.20.0.1-10.20.0.2'] }, { cidr: 'fd20::/64' }] },
  status: { vni: 7, mtu: 1450 },
});

const EDGE = { kind: 'Firewall', name: 'edge', uid: 'uid-edge' } as const;

describe('the Ports of a pod', () => {
  test('are whole objects: golden', async () => {
    const stores = makeStores([dual, makeNetwork('other', { status: { vni: 8, mtu: 1400 } })]);
    const networks = [
      { name: 'dual', ips: ['fd20::99/64'] },
      { name: 'other', interface: 'data', mac: '02:00:00:00:00:07' },
    ];
    const plan = planFor(stores, makePod('web-1', { networks }));
    const text = golden(plan.create.map(({ port }) => port));
    await expect(text).toMatchFileSnapshot('golden/pod-of-two-networks.yaml');
    expect(plan.remarks).toEqual([]);
  });

  test('keep an address that is reserved later; another pod does not get it, even when it asks', () => {
    const subnets = [{ cidr: '10.20.0.0/29' }];
    const stores = makeStores([makeNetwork('net', { spec: { subnets } })]);
    const pod = makePod('web-1', { networks: 'net' });
    const [port] = settle(stores, planFor(stores, pod));
    expect(port?.spec.addresses).toEqual(['10.20.0.1']);
    const reserved = [{ cidr: '10.20.0.0/29', reserved: ['10.20.0.1-10.20.0.3'] }];
    stores.virtualNetworks.set(
      makeNetwork('net', { spec: { subnets: reserved }, metadata: { generation: 2, resourceVersion: '2' } }),
    );
    const kept = planFor(stores, pod);
    expect([kept.create, kept.remarks]).toEqual([[], []]);
    expect(stores.ports.get(`shop/${port!.metadata.name}`)?.spec.addresses).toEqual(['10.20.0.1']);
    expect(addressesOf(planFor(stores, makePod('web-2', { networks: 'net' })))).toEqual([['10.20.0.4']]);
    stores.ports.delete(`shop/${port!.metadata.name}`);
    const asks = makePod('web-3', { networks: [{ name: 'net', ips: ['10.20.0.1'] }] });
    expect(planFor(stores, asks).remarks).toMatchObject([{ reason: 'AddressNotAllowed' }]);
  });

  test('of a function: a chain0 with an instance id and its MAC, and no address: golden', async () => {
    const stores = makeStores();
    stores.firewalls.set(makeFirewall());
    const pod = makeInstance(
      stores,
      EDGE,
      makePod('heddle-firewall-edge-1', {
        labels: { 'heddle.dev/function': 'firewall.edge' },
        annotations: { 'heddle.dev/chain-interface': 'chain0' },
      }),
    );
    const first = planFor(stores, pod);
    const text = golden(first.create[0]?.port);
    await expect(text).toMatchFileSnapshot('golden/pod-of-a-function.yaml');
    settle(stores, first);
    expect(planFor(stores, pod).create).toEqual([]);
    const second = planFor(stores, { ...pod, metadata: { ...pod.metadata, name: 'b', uid: 'uid-b' } });
    expect(second.create[0]?.port.spec).toMatchObject({ instance: 2, mac: '0e:00:00:00:00:02' });
  });

  test('of a custom function with two interfaces: one, called after the left one', () => {
    const stores = makeStores();
    stores.customFunctions.set({
      apiVersion: 'heddle.dev/v1alpha1',
      kind: 'CustomFunction',
      metadata: { name: 'taps', namespace: 'shop', uid: 'uid-taps' },
      spec: { replicas: 1, drainSeconds: 30, image: 'taps:1', interfaces: 'Two' },
    });
    const pod = makeInstance(
      stores,
      { kind: 'CustomFunction', name: 'taps', uid: 'uid-taps' },
      makePod('taps-1', {
        labels: { 'heddle.dev/function': 'customfunction.taps' },
        annotations: { 'heddle.dev/chain-interface': 'left,right' },
      }),
    );
    const plan = planFor(stores, pod);
    expect(plan.create.map(({ port }) => port.spec)).toMatchObject([
      { interface: 'left', instance: 1, function: { kind: 'CustomFunction', name: 'taps' } },
    ]);
    settle(stores, plan);
    expect(planFor(stores, pod).create).toEqual([]);
  });

  test('of a gateway are marked, so that agents make its namespace forward before it owns anything', () => {
    const stores = makeStores([dual]);
    const networks = [{ name: 'dual' }];
    stores.vpns.set(vpn());
    const labelled = { 'heddle.dev/gateway': 'true', 'heddle.dev/function': 'vpn.branch' };
    const branch = { kind: 'VPN', name: 'branch', uid: vpn().metadata.uid! } as const;
    const gateway = makeInstance(stores, branch, makePod('gateway-1', { networks, labels: labelled }));
    expect(planFor(stores, gateway).create[0]?.port.metadata.labels).toMatchObject({
      'heddle.dev/gateway': 'true',
    });
    const labels = planFor(stores, makePod('web-1', { networks })).create[0]?.port.metadata.labels;
    expect(labels).not.toHaveProperty('heddle.dev/gateway');
  });

  test('of a function are made whatever its weight says, and one that cannot be read is told of', () => {
    const stores = makeStores();
    stores.firewalls.set(makeFirewall());
    const instance = (weight: string) =>
      planFor(
        stores,
        makeInstance(
          stores,
          EDGE,
          makePod('edge-1', {
            labels: { 'heddle.dev/function': 'firewall.edge' },
            annotations: { 'heddle.dev/chain-interface': 'chain0', 'heddle.dev/weight': weight },
          }),
        ),
      );
    expect(instance('20').remarks).toEqual([]);
    const plan = instance('half');
    expect(plan.create).toHaveLength(1);
    expect(plan.remarks).toEqual([
      {
        type: 'Warning',
        reason: 'InvalidWeight',
        message:
          'annotation heddle.dev/weight of pod shop/edge-1: "half" is not a whole number of 0..256; the instance counts with 100 until it is corrected or removed',
      },
    ]);
    const tenant = makePod('web', { networks: 'net', annotations: { 'heddle.dev/weight': 'half' } });
    expect(planFor(stores, tenant).remarks).toEqual([]);
  });

  test('are made when the pod is bound to a node that exists, not before', () => {
    const stores = makeStores();
    expect(planFor(stores, makePod('a', { networks: 'net', node: undefined })).create).toEqual([]);
    expect(planFor(stores, makePod('a', { networks: 'net', node: 'gone' })).create).toEqual([]);
    expect(planFor(stores, makePod('a', { networks: 'net', node: 'worker-2' })).create).toHaveLength(1);
  });

  test('are never made twice, and stay as they are when the annotation changes', () => {
    const stores = makeStores([makeNetwork('net'), makeNetwork('more', { status: { vni: 9 } })]);
    settle(stores, planFor(stores, makePod('a', { networks: 'net' })));
    expect(planFor(stores, makePod('a', { networks: 'net' })).create).toEqual([]);
    const moved = planFor(stores, makePod('a', { networks: 'more' }));
    expect(moved).toMatchObject({ create: [], remarks: [{ reason: 'InterfaceKept' }] });
    expect(moved.remarks[0]?.message).toContain('net1 stays on network shop/net with 10.20.0.1');
    const added = planFor(stores, makePod('a', { networks: 'net, more' }));
    expect(added.create.map(({ port }) => port.spec.interface)).toEqual(['net2']);
    const both = planFor(stores, makePod('a', { networks: 'more, more' }));
    expect(both.create.map(({ port }) => port.spec.interface)).toEqual(['net2']);
  });

  test('follow the MTU of their network', () => {
    const stores = makeStores();
    settle(stores, planFor(stores, makePod('a', { networks: 'net' })));
    expect(planFor(stores, makePod('a', { networks: 'net' })).resize).toEqual([]);
    stores.virtualNetworks.set(
      makeNetwork('net', { status: { vni: 4097, mtu: 1380 }, metadata: { resourceVersion: '2' } }),
    );
    expect(planFor(stores, makePod('a', { networks: 'net' })).resize).toMatchObject([{ mtu: 1380 }]);
  });

  test('wait in silence while their network has no VNI yet', () => {
    const plan = planFor(makeStores([makeNetwork('net', { status: {} })]), makePod('a', { networks: 'net' }));
    expect(plan).toMatchObject({ create: [], remarks: [], waitsFor: ['shop/net'] });
  });
});

describe('a pod that has the labels of an instance', () => {
  const worlds = () => {
    const stores = makeStores([dual]);
    stores.vpns.set(vpn());
    stores.firewalls.set(makeFirewall());
    return stores;
  };
  const forged = makePod('web-1', {
    labels: { 'heddle.dev/function': 'firewall.edge' },
    annotations: { 'heddle.dev/chain-interface': 'chain0' },
  });

  test('but was not created by Heddle gets no Port, and an Event says so', () => {
    const plan = planFor(worlds(), forged);
    expect(plan).toMatchObject({ create: [], remove: [], remarks: [{ reason: 'NotAnInstance' }] });
    expect(plan.remarks[0]?.message).toContain('no instance of firewall.edge of namespace shop');
  });

  test('is an instance also with the label of a gateway, which spec.pod.labels may have', () => {
    const stores = worlds();
    const labels = { ...forged.metadata.labels, 'heddle.dev/gateway': 'true' };
    const pod = makeInstance(stores, EDGE, { ...forged, metadata: { ...forged.metadata, labels } });
    expect(planFor(stores, pod).create.map(({ port }) => port.spec.interface)).toEqual(['chain0']);
  });

  test('loses the Port that a release before gave it', () => {
    const stores = worlds();
    const genuine = makeInstance(stores, EDGE, forged);
    settle(stores, planFor(stores, genuine));
    expect(planFor(stores, genuine).remove).toEqual([]);
    expect(planFor(stores, forged).remove).toMatchObject([{ spec: { interface: 'chain0' } }]);
  });

  test('waits without a word while its ReplicaSet is not seen, and keeps its Port when that is gone', () => {
    const stores = worlds();
    const genuine = makeInstance(stores, EDGE, forged);
    stores.replicaSets.delete('shop/heddle-firewall-edge-5d');
    expect(planFor(stores, genuine)).toMatchObject({ create: [], remove: [], remarks: [] });
    settle(stores, planFor(stores, makeInstance(stores, EDGE, forged)));
    stores.replicaSets.delete('shop/heddle-firewall-edge-5d');
    expect(planFor(stores, genuine)).toMatchObject({ create: [], remove: [], remarks: [] });
  });

  test('of a gateway gets no Port either, so that it is no router and is never chosen', () => {
    const stores = worlds();
    const labels = { 'heddle.dev/gateway': 'true', 'heddle.dev/function': 'vpn.branch' };
    const pod = makePod('web-1', { networks: 'dual', labels });
    expect(planFor(stores, pod)).toMatchObject({ create: [], remarks: [{ reason: 'NotAnInstance' }] });
    const strange = makeInstance(stores, EDGE, pod, { deployment: controllerRef('Deployment', 'web') });
    expect(planFor(stores, strange)).toMatchObject({ create: [], remarks: [{ reason: 'NotAnInstance' }] });
  });
});

test('the Port of a static pod has the uid of its kubelet, which the runtime uses', () => {
  const annotations = { 'kubernetes.io/config.mirror': 'of-the-kubelet' };
  const [plan] = planFor(makeStores(), makePod('static', { networks: 'net', annotations })).create;
  expect(plan?.port).toMatchObject({
    metadata: { annotations: { 'heddle.dev/static-uid': 'of-the-kubelet', 'heddle.dev/interfaces': 'net1' } },
    spec: { pod: { uid: 'uid-of-static' } },
  });
});

test('a pod that has an interface of the wanted name from elsewhere is told so', () => {
  const stores = makeStores();
  const pod = makePod('web', { networks: 'net' });
  const [port] = settle(stores, planFor(stores, pod));
  const conditions = [condition('Accepted', 'True'), condition('Ready', 'False', 'InterfaceInUse')];
  stores.ports.set({ ...port!, status: { conditions } });
  expect(planFor(stores, pod).remarks).toMatchObject([
    { reason: 'InterfaceInUse', message: expect.stringContaining('an interface net1 already') },
  ]);
});

describe('a pod beside other CNIs', () => {
  const definition = { apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition' };
  function besides(...names: readonly string[]) {
    const stores = makeStores();
    for (const name of names) {
      stores.attachmentDefinitions.set({ ...definition, metadata: { namespace: 'shop', name } });
    }
    return stores;
  }

  test('gets what is ours, and is told once, while it starts, what is left to others', () => {
    const stores = besides('macvlan');
    const plan = planFor(stores, makePod('a', { networks: 'macvlan, net' }));
    expect(plan.create.map(({ port }) => port.spec.interface)).toEqual(['net2']);
    expect(plan).toMatchObject({ remarks: [], waitsFor: [] });
    expect(plan.news).toMatchObject([
      { type: 'Normal', reason: 'NetworkLeftToOthers', message: expect.stringContaining('shop/macvlan') },
    ]);
    const running = planFor(stores, makePod('a', { networks: 'macvlan', phase: 'Running' }));
    expect(running).toMatchObject({ create: [], remarks: [], news: [], waitsFor: [] });
  });

  test('waits for the definition whose element Heddle does not understand', () => {
    const pod = makePod('a', { networks: [{ name: 'macvlan', 'cni-args': {} }] });
    expect(planFor(besides(), pod)).toMatchObject({
      remarks: [{ reason: 'InvalidAnnotation' }],
      waitsFor: ['shop/macvlan'],
    });
    expect(planFor(besides('macvlan'), pod)).toMatchObject({ remarks: [], waitsFor: [] });
  });

  test('is told also when it runs by the time that the operator learns whose network it is', () => {
    const pod = makePod('a', { networks: 'macvlan', phase: 'Running' });
    const stores = besides('macvlan');
    const { news } = compilePod(observePod({ stores, ledger: ledgerOf(stores), pod, waited: true }));
    expect(news).toMatchObject([{ reason: 'NetworkLeftToOthers' }]);
  });

  test('may use the network of its node', () => {
    const pod = makePod('a', { networks: 'macvlan', hostNetwork: true });
    expect(planFor(besides('macvlan'), pod).remarks).toEqual([]);
    expect(planFor(besides(), pod).remarks).toMatchObject([{ reason: 'HostNetworkRefused' }]);
  });

  test('gets the VirtualNetwork when both have the name, and nothing of a name that nobody has', () => {
    expect(planFor(besides('net'), makePod('a', { networks: 'net' })).create).toHaveLength(1);
    const refused = planFor(besides('macvlan'), makePod('a', { networks: 'nowhere, macvlan' }));
    expect(refused).toMatchObject({ create: [], remarks: [{ reason: 'NetworkNotFound' }] });
    expect(refused.waitsFor).toEqual(['shop/nowhere']);
  });
});

describe('a Port of a pod that ended', () => {
  const ended = makePod('a', { networks: 'net', phase: 'Failed' });

  test('stays until its node has confirmed that the interface is gone', () => {
    const stores = makeStores();
    const [port] = settle(stores, planFor(stores, makePod('a', { networks: 'net' })));
    expect(planFor(stores, ended)).toMatchObject({ create: [], remove: [] });
    const conditions = [condition('Accepted', 'True'), condition('Ready', 'False', 'Detached')];
    stores.ports.set({ ...port!, status: { conditions } });
    expect(planFor(stores, ended).remove).toHaveLength(1);
  });

  test('goes at once when it was never accepted: no node has attached it', () => {
    const stores = makeStores();
    settle(stores, planFor(stores, makePod('a', { networks: 'net' })), false);
    expect(planFor(stores, ended).remove).toHaveLength(1);
  });
});
