// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleChain, type Chain } from '../../../agent/render/chain.ts';
import { decodeSide, decodeSideKey } from '../../../agent/render/generated/layout.ts';
import { keyBytes } from '../../../agent/render/keys.ts';
import { renderNetwork } from '../../../agent/render/network.ts';
import type { ChainEnd, ChainPort } from '../../../api/index.ts';
import { renderSlice } from '../../kernel/world/resources.ts';
import { addresses, any, cidr, facts, pod, VNI } from './render/fixtures.ts';

// An agent renders the same policy whatever the ids of paths and instances are, and in whatever order it has seen chains
// and Ports. Only the table of a hop says which instance a hash selects, and depends on the instances' ids.

interface Spec {
  readonly from: ChainEnd;
  readonly to: ChainEnd;
  readonly ports: readonly ChainPort[] | undefined;
  readonly priority: number;
  readonly kinds: readonly string[];
}

const PODS = Array.from({ length: 6 }, (_, index) => pod(index + 1));

function chainOf(spec: Spec, name: string, ids: { readonly path: number; readonly instance: number }): Chain {
  const { from, to, ports, priority, kinds } = spec;
  const plan = {
    name,
    network: 'shop',
    pathId: ids.path,
    priority,
    from,
    to,
    hops: [],
    ...(ports && { ports }),
  };
  const slice = renderSlice(plan, { vni: VNI, ports: [] });
  const hops = kinds.map((kind, position) => ({
    kind,
    name: `f${position}`,
    onFailure: 'Closed' as const,
    instances: [{ id: ids.instance, node: 'here' }],
  }));
  return assembleChain(`test/${name}`, [{ ...slice, spec: { ...slice.spec, hops } }])!;
}

interface World {
  readonly specs: readonly Spec[];
  readonly paths: readonly number[];
  readonly instances: readonly number[];
  readonly chainOrder: readonly number[];
  readonly podOrder: readonly number[];
}

/** The rendered policy with names in place of path ids. */
function policyOf({ specs, paths, instances, chainOrder, podOrder }: World) {
  const chains = specs.map((spec, at) =>
    chainOf(spec, `c${at}`, { path: paths[at]!, instance: instances[at]! }),
  );
  const nameOf = (path: number): string => `c${paths.indexOf(path)}`;
  const state = renderNetwork({
    vni: VNI,
    mtu: 1450,
    ports: podOrder.map((index) => PODS[index]!),
    chains: chainOrder.map((index) => chains[index]!),
    facts: facts(PODS),
  });
  const sorted = (list: Iterable<string>) => [...list].sort();
  return {
    endpoints: sorted(
      [...state.endpoints].map(
        ([key, { classId }]) => `${Buffer.from(key, 'latin1').toString('hex')} ${classId}`,
      ),
    ),
    pairs: sorted(
      state.pairs.map(({ source, destination, segments }) => {
        const rules = segments.flatMap(({ rule }) => rule).map(({ path, ...rest }) => [nameOf(path), rest]);
        return `${source} ${destination} ${JSON.stringify(rules)}`;
      }),
    ),
    paths: sorted(
      [...state.paths].map(([path, { flags, epoch, hops }]) => {
        const pools = hops.map(({ hop }) => `${hop.pool} ${hop.flags} ${hop.count}`);
        return `${nameOf(path)} ${flags} ${epoch} ${pools.join()}`;
      }),
    ),
    sides: sorted(
      [...state.sides].map(([key, value]) => {
        const { classId, path } = decodeSideKey(keyBytes(key));
        return `${classId} ${nameOf(path)} ${decodeSide(value).flags}`;
      }),
    ),
  };
}

const end = fc.oneof(
  fc.constant<ChainEnd>(any),
  fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }).map((list) => addresses(...list)),
  fc.constantFrom(cidr('10.20.0.0/29'), cidr('10.20.0.0/24', '10.20.0.2/31')),
);
const spec: fc.Arbitrary<Spec> = fc.record({
  from: end,
  to: end,
  ports: fc.option(
    fc.constantFrom<readonly ChainPort[]>([{ protocol: 'TCP', port: 80 }], [{ protocol: 'ICMP' }]),
    { nil: undefined },
  ),
  // Few priorities: precedence is by name then, since all are of one age.
  priority: fc.constantFrom(-1, 1000, 2000),
  kinds: fc.constantFrom(['Firewall'], ['LoadBalancer', 'Firewall'], ['CustomFunction']),
});

test('the policy of a network depends neither on ids nor on the order of chains and Ports', () => {
  const id = fc.integer({ min: 1, max: 65_535 });
  const world = fc.array(spec, { minLength: 1, maxLength: 6 }).chain((specs) => {
    const count = { minLength: specs.length, maxLength: specs.length };
    const all = <T>(list: readonly T[]) =>
      fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
    return fc.record({
      specs: fc.constant(specs),
      paths: fc.uniqueArray(id, count),
      instances: fc.uniqueArray(id, count),
      chainOrder: all([...specs.keys()]),
      podOrder: all([...PODS.keys()]),
    });
  });
  fc.assert(
    fc.property(world, (each) => {
      const straight = {
        specs: each.specs,
        paths: each.specs.map((_, at) => at + 1),
        instances: each.specs.map((_, at) => at + 1),
        chainOrder: [...each.specs.keys()],
        podOrder: [...PODS.keys()],
      };
      expect(policyOf(each)).toEqual(policyOf(straight));
    }),
  );
});
