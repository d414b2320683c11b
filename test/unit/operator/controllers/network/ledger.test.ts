// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { LoadBalancer, LoadBalancerStatus, Port } from '../../../../../api/index.ts';
import { parseAddress } from '../../../../../api/net/address.ts';
import { ledgerOf } from '../../../../../operator/controllers/network/ledger.ts';
import { addressesOf, makeNetwork, makePod, makeStores, planFor, settle } from '../../world.ts';

const PORTS = 10_000;

/** A network with every address of its beginning taken, as after a long life without a restart. */
function crowded(): ReturnType<typeof makeStores> {
  const subnets = [{ cidr: '10.0.0.0/16' }, { cidr: 'fd20::/64' }];
  const stores = makeStores([makeNetwork('net', { spec: { subnets } })]);
  ledgerOf(stores);
  for (let i = 1; i <= PORTS; i += 1) stores.ports.set(portOf(i));
  return stores;
}

function portOf(i: number): Port {
  const hex = i.toString(16).padStart(4, '0');
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { name: `p-${i}`, namespace: 'shop', uid: `uid-${i}`, resourceVersion: String(i) },
    spec: {
      network: { namespace: 'shop', name: 'net' },
      vni: 4097,
      pod: { name: `p-${i}`, uid: `pod-${i}` },
      node: 'worker-1',
      interface: 'net1',
      addresses: [`10.0.${i >> 8}.${i & 255}`, `fd20::${hex}`],
      mac: `06:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`,
    },
  };
}

test('one pod in a network of 10,000 Ports costs far less than a millisecond, wherever the search begins', () => {
  const stores = crowded();
  // The worst case: the search begins before the first taken address and steps over all of them.
  stores.ports.set({
    ...portOf(PORTS + 1),
    spec: { ...portOf(PORTS + 1).spec, addresses: ['10.0.0.0', 'fd20::'] },
  });
  const rounds = 1000;
  let plan = planFor(stores, makePod('new', { networks: 'net' }));
  // Time of the processor, not of the clock: the machine may be busy with other things.
  const started = process.cpuUsage();
  for (let i = 0; i < rounds; i += 1) plan = planFor(stores, makePod(`new-${i}`, { networks: 'net' }));
  const micros = process.cpuUsage(started).user / rounds;
  console.info(`compile of one pod's Ports among ${PORTS}: ${micros.toFixed(1)} µs`);
  expect(plan.create[0]?.port.spec.addresses).toEqual(['10.0.39.17', 'fd20::2711']);
  expect(micros).toBeLessThan(1000);
}, 60_000);

test('1,000 allocations one after another give 1,000 addresses', () => {
  const stores = crowded();
  const ledger = ledgerOf(stores);
  const given = new Set<string>();
  const started = process.cpuUsage();
  for (let i = 0; i < 1000; i += 1) {
    const [plan] = planFor(stores, makePod(`new-${i}`, { networks: 'net' })).create;
    ledger.reserve(plan!.claim, 1);
    given.add(plan!.port.spec.addresses!.join());
  }
  const seconds = process.cpuUsage(started).user / 1e6;
  console.info(`${Math.round(1000 / seconds)} allocations a second beside ${PORTS} Ports`);
  expect(given.size).toBe(1000);
}, 60_000);

describe('the ledger', () => {
  test('keeps what is claimed and not seen yet from every other pod, and gives it back when the write failed', () => {
    const stores = makeStores([makeNetwork('net', { spec: { subnets: [{ cidr: '10.20.0.0/31' }] } })]);
    const ledger = ledgerOf(stores);
    const first = planFor(stores, makePod('a', { networks: 'net' })).create[0]!;
    ledger.reserve(first.claim, 1000);
    const second = planFor(stores, makePod('b', { networks: 'net' })).create[0]!;
    expect(second.port.spec.addresses).toEqual(['10.20.0.1']);
    ledger.reserve(second.claim, 1000);
    expect(planFor(stores, makePod('c', { networks: 'net' })).remarks).toMatchObject([
      { reason: 'SubnetExhausted' },
    ]);
    ledger.release(first.claim.key);
    expect(addressesOf(planFor(stores, makePod('c', { networks: 'net' })))).toEqual([['10.20.0.0']]);
    ledger.expire(1000);
    expect(ledger.isUsed(4097)).toBe(false);
  });

  test('counts an address as taken as long as one of its claims is left', () => {
    const stores = makeStores();
    const [port] = settle(stores, planFor(stores, makePod('a', { networks: 'net' })));
    stores.ports.set({ ...port!, metadata: { ...port!.metadata, name: 'double', uid: 'uid-double' } });
    stores.ports.delete('shop/double');
    expect(ledgerOf(stores).holdersOf(4097, { family: 4, value: 0x0a14_0001n })).toEqual([
      `shop/${port!.metadata.name}`,
    ]);
    expect(addressesOf(planFor(stores, makePod('b', { networks: 'net' })))).toEqual([['10.20.0.2']]);
  });
});

test('an address that an edit takes from a load balancer is nobody’s until its flows have ended', () => {
  const stores = makeStores([makeNetwork('net', { spec: { subnets: [{ cidr: '10.0.0.0/24' }] } })]);
  const ledger = ledgerOf(stores);
  const holders = (): readonly boolean[] =>
    ['10.0.0.7', '10.0.0.8', '10.0.0.9'].map(
      (text) =>
        ledger.holdersOf(stores.virtualNetworks.get('shop/net')!.status!.vni!, parseAddress(text)).length > 0,
    );
  const put = (wanted: readonly string[] | undefined, status: LoadBalancerStatus): void =>
    stores.loadBalancers.set({
      metadata: { name: 'web', namespace: 'shop', uid: 'web' },
      spec: { network: 'net', ...(wanted && { addresses: wanted }) },
      status,
    } as unknown as LoadBalancer);
  put(['10.0.0.7'], { addresses: ['10.0.0.7'] });
  // The operator has not carried out the edit yet.
  put(['10.0.0.8'], { addresses: ['10.0.0.7'] });
  expect(holders()).toEqual([true, true, false]);
  const draining = [{ address: '10.0.0.7', since: '2026-01-01T00:00:00.000Z' }];
  put(['10.0.0.8'], { addresses: ['10.0.0.8'], draining });
  expect(holders()).toEqual([true, true, false]);
  put(['10.0.0.8'], { addresses: ['10.0.0.8'] });
  expect(holders()).toEqual([false, true, false]);
});
