// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { wayThrough } from '../../../../../operator/compile/chain/outside.ts';
import {
  chainOfSlice,
  compileOutside,
  outsideNameOf,
} from '../../../../../operator/compile/chain/outside-slices.ts';
import { observeChain } from '../../../../../operator/controllers/chain/snapshot.ts';
import { readWorld } from '../../read-world.ts';

const stores = readWorld(new URL('../../golden/outside.input.yaml', import.meta.url));
const chain = stores.serviceChains.get('shop/guarded')!;
const snapshot = observeChain(stores, 'shop/guarded', chain);
const place = { network: snapshot.network, vni: snapshot.vni!, pathId: chain.status!.pathId! };

function compile(slices = snapshot.outsideSlices) {
  return compileOutside({ ...snapshot, place, slices }, { way: wayThrough(snapshot.outside)!, pathId: 77 });
}

test('the path of clients outside begins at the load balancer, has all functions, and takes nobody else', () => {
  const [slice, ...others] = compile();
  expect(others).toEqual([]);
  expect(slice!.metadata.name).toBe('guarded-0-outside');
  expect(slice!.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ServiceChain', name: 'guarded' });
  const { chain: name, pathId, from, to, virtual, behind, ports, straight, hops } = slice!.spec;
  expect({ name, pathId, from, to, virtual, behind, ports, straight }).toEqual({
    name: 'guarded/outside',
    pathId: 77,
    from: { any: false, cidrs: [], addresses: [] },
    to: { any: false, cidrs: [{ cidr: '10.20.0.100/32' }, { cidr: 'fd20::100/128' }], addresses: [] },
    virtual: ['10.20.0.100', 'fd20::100'],
    behind: { any: false, cidrs: [], addresses: ['10.20.0.5'] },
    ports: undefined,
    straight: undefined,
  });
  expect(hops!.map((hop) => `${hop.kind}/${hop.name} ${hop.onFailure}`)).toEqual([
    'LoadBalancer/web Closed',
    'Firewall/edge Open',
    'LoadBalancer/web Closed',
  ]);
  expect(hops![0]!.instances).toEqual(hops![2]!.instances);
  expect(hops![0]!.instances.length).toBeGreaterThan(0);
});

test('a slice of it says of which chain it is, and is the same when compiled from what is stored', () => {
  const first = compile();
  expect(first.map(chainOfSlice)).toEqual(['guarded']);
  expect(compile(first)).toEqual(first);
  expect(outsideNameOf('shop/guarded')).toBe('shop/guarded/outside');
});
