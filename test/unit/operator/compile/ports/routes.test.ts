// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { NetworkRoute } from '../../../../../api/index.ts';
import type { WritableStores } from '../../../../../operator/observe/observation.ts';
import { makeNetwork, makePod, makeStores, planFor, settle } from '../../world.ts';

function offer(stores: WritableStores, routes: readonly NetworkRoute[] | undefined): void {
  stores.virtualNetworks.set(
    makeNetwork('net', {
      spec: { attach: { namespaces: 'All' } },
      status: { vni: 7, mtu: 1450, routes },
      metadata: { resourceVersion: String(Math.random()) },
    }),
  );
}

function guest(accept?: string) {
  const annotations = accept === undefined ? {} : { 'heddle.dev/accept-routes': accept };
  return makePod('a', { namespace: 'guests', networks: 'shop/net', annotations });
}

/** Stores with a guest that joined while the network had one range. */
function joined(): WritableStores {
  const stores = makeStores([]);
  offer(stores, [{ cidr: '10.20.0.0/24' }]);
  settle(stores, planFor(stores, guest()));
  return stores;
}

/** Applies what a plan writes into Ports. */
function write(stores: WritableStores, plan: ReturnType<typeof planFor>): void {
  for (const { port, spec } of plan.reroute) stores.ports.set({ ...port, spec: { ...port.spec, ...spec } });
}

describe('a pod of another namespace (security.md: tenant-routes-guests)', () => {
  test('joins with the routes that the network has, without those that overlap the cluster unasked', () => {
    const stores = makeStores([]);
    offer(stores, [
      { cidr: '10.20.0.0/24' },
      { cidr: '10.96.0.0/16', clusterRanges: 'Kept' },
      { cidr: '10.97.0.0/16', clusterRanges: 'Allowed' },
    ]);
    expect(planFor(stores, guest()).create[0]?.port.spec).toMatchObject({
      joinedRoutes: ['10.20.0.0/24', '10.97.0.0/16'],
      routes: ['10.20.0.0/24', '10.97.0.0/16'],
    });
  });

  test('waits in silence until the routes of the network are judged', () => {
    const stores = makeStores([]);
    offer(stores, undefined);
    expect(planFor(stores, guest())).toMatchObject({ create: [], remarks: [], waitsFor: ['shop/net'] });
  });

  test('does not get a range that comes later, and is told how to accept it', () => {
    const stores = joined();
    offer(stores, [{ cidr: '10.20.0.0/24' }, { cidr: '10.30.0.0/24' }]);
    const plan = planFor(stores, guest());
    expect(plan.reroute).toEqual([]);
    expect(plan.news).toMatchObject([{ reason: 'RoutesNotAccepted' }]);
    expect(plan.news[0]?.message).toMatch(/10\.30\.0\.0\/24.*heddle\.dev\/accept-routes/);
  });

  test.each(['all', '10.30.0.0/16'])('gets the range when it accepts %s, and is told so', (accept) => {
    const stores = joined();
    offer(stores, [{ cidr: '10.20.0.0/24' }, { cidr: '10.30.0.0/24' }]);
    const plan = planFor(stores, guest(accept));
    expect(plan.reroute).toMatchObject([{ spec: { routes: ['10.20.0.0/24', '10.30.0.0/24'] } }]);
    expect(plan.reroute[0]?.remark).toMatchObject({
      reason: 'RoutesChanged',
      message: 'routes of interface net1 on network shop/net: 10.30.0.0/24 added',
    });
    expect(plan.reroute[0]?.spec).not.toHaveProperty('joinedRoutes');
    write(stores, plan);
    expect(planFor(stores, guest(accept))).toMatchObject({ reroute: [], news: [] });
    const withdrawn = planFor(stores, guest());
    expect(withdrawn.reroute[0]?.remark?.message).toContain('10.30.0.0/24 removed');
  });

  test('never gets what overlaps the cluster unasked, even if it accepts all', () => {
    const stores = joined();
    offer(stores, [{ cidr: '10.20.0.0/24' }, { cidr: '10.96.0.0/16', clusterRanges: 'Kept' }]);
    expect(planFor(stores, guest('all'))).toMatchObject({ reroute: [], news: [] });
  });

  test('is told when the network takes a range away', () => {
    const stores = joined();
    offer(stores, []);
    const plan = planFor(stores, guest());
    expect(plan.reroute).toMatchObject([{ spec: { routes: [] }, remark: { reason: 'RoutesChanged' } }]);
  });

  test('keeps what it has when an earlier release made its Port', () => {
    const stores = joined();
    const [port] = [...stores.ports.values()];
    const { joinedRoutes: _, routes: __, ...spec } = port!.spec;
    stores.ports.set({ ...port!, spec });
    offer(stores, [{ cidr: '10.20.0.0/24' }, { cidr: '10.96.0.0/16', clusterRanges: 'Kept' }]);
    const all = ['10.20.0.0/24', '10.96.0.0/16'];
    const plan = planFor(stores, guest());
    expect(plan.reroute).toMatchObject([{ spec: { joinedRoutes: all, routes: all }, remark: undefined }]);
    write(stores, plan);
    expect(planFor(stores, guest()).reroute).toEqual([]);
  });

  test('is told when its annotation cannot be read', () => {
    const stores = joined();
    expect(planFor(stores, guest('10.0.0.1/8')).remarks).toMatchObject([{ reason: 'InvalidAcceptRoutes' }]);
  });
});

test('a pod of the network has no list of routes of its own, and its annotation means nothing', () => {
  const stores = makeStores([]);
  offer(stores, [{ cidr: '10.20.0.0/24' }]);
  const annotations = { 'heddle.dev/accept-routes': 'nonsense' };
  const pod = makePod('own', { networks: 'net', annotations });
  const plan = planFor(stores, pod);
  expect(plan.create[0]?.port.spec).not.toHaveProperty('routes');
  expect(plan.remarks).toEqual([]);
  settle(stores, plan);
  offer(stores, [{ cidr: '10.20.0.0/24' }, { cidr: '10.30.0.0/24' }]);
  expect(planFor(stores, pod)).toMatchObject({ reroute: [], news: [], remarks: [] });
});
