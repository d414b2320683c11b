// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { decodeMark } from '../../../api/context/context.ts';
import type { Port, ServiceChain } from '../../../api/index.ts';
import { type SelectedPods, selectedPodsEntry } from '../../../api/selected-pods.ts';
import { entranceRules } from '../../../functions/loadbalancer/entrance.ts';
import type { Picture } from '../../../functions/loadbalancer/picture.ts';
import { renderOutside, renderWay } from '../../../functions/loadbalancer/way.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { compileChain } from '../../../operator/compile/chain/compile.ts';
import { wayThrough } from '../../../operator/compile/chain/outside.ts';
import { compileOutside } from '../../../operator/compile/chain/outside-slices.ts';
import { compileFunction } from '../../../operator/compile/function/compile.ts';
import { needsOf } from '../../../operator/compile/function/kinds.ts';
import { ownerOf } from '../../../operator/compile/workload/types.ts';
import { observeChain } from '../../../operator/controllers/chain/snapshot.ts';
import { observeChainStatus } from '../../../operator/controllers/chain/status-facts.ts';
import { observeCandidates, observePaths } from '../../../operator/controllers/function/snapshot.ts';
import { observeWays } from '../../../operator/controllers/function/ways.ts';
import { createStores } from '../../../operator/observe/observation.ts';
import { summarizeChain } from '../../../operator/status/chain/summarize.ts';
import { addTo } from './read-world.ts';

// Ids of paths and instances are random, and stores have objects in the order in which they came. What users can observe
// must depend on neither. (Which instance gets a flow is by a hash of the flow and of the instances' ids: see
// docs/datapath.md. Here every instance is as good as another.)

const INPUT = readFileSync(new URL('golden/outside.input.yaml', import.meta.url), 'utf8');
const objects = (): KubeObject[] => loadAll(INPUT) as KubeObject[];
const isChain = (object: KubeObject): object is ServiceChain & KubeObject => object.kind === 'ServiceChain';
const isInstance = (object: KubeObject): boolean =>
  object.kind === 'Port' && (object as unknown as Port).spec.instance !== undefined;
const COUNT = objects().length;
const PATHS = objects()
  .filter(isChain)
  .flatMap(({ status }) => [status?.pathId ?? [], status?.outsidePathId ?? []].flat());
const INSTANCES = objects().filter(isInstance).length;
const NOW = new Date('2026-11-30T00:00:00Z');

interface Names {
  readonly path: (id: number) => string;
  readonly instance: (id: number) => string;
}

/** A world with other ids, in another order; and the names behind the ids. */
function makeWorld(order: readonly number[], paths: readonly number[], instances: readonly number[]) {
  const stores = createStores();
  const pathNames = new Map<number, string>();
  const instanceNames = new Map<number, string>();
  const [freePaths, freeInstances] = [[...paths], [...instances]];
  const changed = objects().map((object) => {
    if (isChain(object)) {
      const take = (name: string): number => {
        const id = freePaths.shift()!;
        pathNames.set(id, name);
        return id;
      };
      const { name } = object.metadata;
      const outside = object.status?.outsidePathId;
      const pathId = take(name);
      return { ...object, status: { pathId, ...(outside && { outsidePathId: take(`${name}/outside`) }) } };
    }
    if (!isInstance(object)) return object;
    const port = object as unknown as Port;
    const instance = freeInstances.shift()!;
    instanceNames.set(instance, port.spec.pod.name);
    return { ...object, spec: { ...port.spec, instance } };
  });
  for (const index of order) addTo(stores, changed[index] as KubeObject);
  const names: Names = {
    path: (id) => pathNames.get(id) ?? `no path ${id}`,
    instance: (id) => instanceNames.get(id) ?? `no instance ${id}`,
  };
  return { stores, names };
}

type World = ReturnType<typeof makeWorld>;

/** What the operator tells the instances of a function, and what these make of it. */
function functionOf({ stores, names }: World, key: string) {
  const balancer = stores.loadBalancers.get(key);
  const object = balancer ?? stores.firewalls.get(key)!;
  const owner = ownerOf(object);
  const needs = needsOf(object);
  const { selectedPods } = compileFunction({
    owner,
    needs,
    paths: observePaths(stores, owner),
    candidates: needs.backends && observeCandidates(stores, owner, needs.backends),
    ways: balancer && observeWays(stores, balancer),
    image: 'image',
  });
  if (selectedPods.kind !== 'ConfigMap') throw new Error(selectedPods.kind);
  const file = JSON.parse(selectedPods.object.data[selectedPodsEntry]) as SelectedPods;
  const byPath = Object.values(file.selectors).map((list) =>
    list.map(({ pathId, addresses }) => [names.path(pathId), ...addresses].join()).sort(),
  );
  return {
    byPath,
    paths: file.paths.map(({ pathId, position }) => `${names.path(pathId)} ${position}`).sort(),
    backends: file.backends,
    ...(balancer && { ways: waysOf(file, names) }),
  };
}

function waysOf(file: SelectedPods, names: Names) {
  const ports = { first: 1024, last: 2047 };
  const picture = {
    addresses: { 4: '10.20.0.100', 6: 'fd20::100' },
    listeners: [
      { name: 'http', protocol: 'tcp', port: 80, targetPort: 8080 },
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
    ],
    outside: renderOutside(file, { ports, mtu: 1450 }),
  } as unknown as Picture;
  const named = (mark: number): string => {
    const { path, position } = decodeMark(mark);
    return `${names.path(path)} ${position}`;
  };
  return {
    checks: named(renderWay(file, ports)!.mark),
    outside: entranceRules(picture, 4).map((rule) =>
      rule.replace(/0x[0-9a-f]{8}/, (mark) => named(Number(mark))),
    ),
  };
}

/** The slices and the status of a chain. */
function chainOf({ stores, names }: World, key: string) {
  const chain = stores.serviceChains.get(key)!;
  const snapshot = observeChain(stores, key, chain);
  const pathId = chain.status!.pathId!;
  const place = { network: snapshot.network, vni: snapshot.vni!, pathId };
  const compiled = compileChain({ ...snapshot, place });
  const way = wayThrough(snapshot.outside);
  const outsidePathId = chain.status?.outsidePathId;
  const outside =
    way && outsidePathId !== undefined
      ? compileOutside({ ...snapshot, place, slices: [] }, { way, pathId: outsidePathId })
      : [];
  const facts = observeChainStatus(stores, {
    snapshot,
    compiled,
    pathId,
    outsidePathId,
    slices: [...compiled.slices, ...outside],
    shadowedBy: undefined,
    exceeded: undefined,
  });
  const {
    pathId: _,
    outsidePathId: __,
    conditions,
    ...status
  } = summarizeChain({
    facts,
    classifiedPorts: compiled.concerned.length,
    generation: 1,
    previous: undefined,
    now: NOW,
  });
  return {
    status,
    conditions: conditions.map(({ type, status: truth, reason, message }) =>
      [type, truth, reason, message.replace(`id is ${pathId}.`, 'id is ID.')].join(),
    ),
    slices: [...compiled.slices, ...outside].map(({ metadata, spec }) => ({
      name: metadata.name,
      ...spec,
      pathId: names.path(spec.pathId),
      hops: spec.hops?.map((hop) => ({
        ...hop,
        instances: hop.instances
          .map(({ id, ...rest }) => JSON.stringify({ name: names.instance(id), ...rest }))
          .sort(),
      })),
    })),
  };
}

function observables(world: World) {
  return {
    web: functionOf(world, 'shop/web'),
    edge: functionOf(world, 'shop/edge'),
    chains: ['shop/web.lb', 'shop/guarded', 'shop/strict'].map((key) => chainOf(world, key)),
  };
}

const indexes = Array.from({ length: COUNT }, (_, index) => index);
const expected = observables(makeWorld(indexes, PATHS, [7, 8, 9]));

test('nothing that users can observe depends on ids of paths and instances, or on the order of objects', () => {
  const id = fc.integer({ min: 1, max: 65_535 });
  const ids = (count: number) => fc.uniqueArray(id, { minLength: count, maxLength: count });
  const order = fc.shuffledSubarray(indexes, { minLength: COUNT, maxLength: COUNT });
  fc.assert(
    fc.property(order, ids(PATHS.length), ids(INSTANCES), (...world) => {
      expect(observables(makeWorld(...world))).toEqual(expected);
    }),
  );
});

test('the world of that test has chains whose order matters', () => {
  expect(expected.web.ways).toEqual({
    checks: 'web.lb 0',
    outside: [
      'ip saddr { 10.20.0.0/16, 192.0.2.128/25 } meta l4proto . th dport { tcp . 80 } drop',
      'meta l4proto . th dport { tcp . 80 } meta mark set guarded/outside 0 return',
      'ip saddr { 10.0.0.0-10.19.255.255, 10.21.0.0-10.255.255.255, 192.0.2.0/25 } meta mark set strict 0 return',
      'meta mark set web.lb 0 return',
      'drop',
    ],
  });
});
