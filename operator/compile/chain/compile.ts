// SPDX-License-Identifier: Apache-2.0
import {
  apiVersion,
  type ChainEnd,
  type ChainSlice,
  type ChainSliceSpec,
  heddle,
  internalApiVersion,
  labels,
  type NamespacedName,
  type ServiceChain,
} from '../../../api/index.ts';
import { type Member, resolveEnd } from './classifier.ts';
import { concernedMembers } from './concerned.ts';
import type { ChainEnds } from './ends.ts';
import { type CompiledHop, compileHop, type HopFacts } from './hops.ts';
import { type Reach, type Reports, reachAmong } from './reach.ts';
import { packSlices } from './slices.ts';
import { type Straight, straightOf } from './straight.ts';
import type { End } from './types.ts';

/** Everything that a chain is compiled from. */
export interface ChainBlueprint {
  readonly chain: ServiceChain;
  /** Absent while there is no network with an id, or no path id: then nothing can be on the nodes. */
  readonly place:
    | { readonly network: NamespacedName; readonly vni: number; readonly pathId: number }
    | undefined;
  /** Of its ends, what they name resolved. */
  readonly ends: Pick<ChainEnds, 'from' | 'to' | 'virtual'>;
  readonly members: readonly Member[];
  readonly hops: readonly HopFacts[];
  readonly reports: Reports;
  /** As they are stored: what is in one of them stays there. */
  readonly slices: readonly ChainSlice[];
}

/** What must be on the nodes, and what is worth knowing of how it came about. */
export interface CompiledChain {
  readonly slices: readonly ChainSlice[];
  readonly from: End;
  readonly to: End;
  readonly hops: readonly CompiledHop[];
  readonly straight: Straight | undefined;
  /** The pods at whose Ports flows are classified. */
  readonly concerned: readonly Member[];
  readonly reach: Reach;
}

export function compileChain(blueprint: ChainBlueprint): CompiledChain {
  const { chain, members, ends } = blueprint;
  const { namespace } = chain.metadata;
  const from = resolveEnd({ endpoints: ends.from, members, namespace });
  const to = resolveEnd({ endpoints: ends.to, members, namespace });
  const concerned = concernedMembers([from, to], members);
  const stored = blueprint.slices.find(({ spec }) => spec.slice === 0)?.spec.hops ?? [];
  const reach = reachAmong(nodesOf(blueprint.hops, concerned), blueprint.reports);
  const hops = blueprint.hops.map((facts) => compileHop(facts, { stored, reach }));
  const straight = straightOf(chain, blueprint.hops);
  const slices = compileSlices(blueprint, { from, to, hops, straight });
  return { slices, from, to, hops, straight, concerned, reach };
}

/** The nodes that carry packets of the chain. */
function nodesOf(hops: readonly HopFacts[], concerned: readonly Member[]): Set<string> {
  const instances = hops.flatMap((hop) => hop.instances);
  return new Set([...concerned, ...instances].map(({ node }) => node));
}

/**
 * The slices of a chain. Ports and hops are in the first one only, so that a pod that comes or goes rewrites
 * one slice, and an instance that fails rewrites the first. An edit of the chain rewrites the first one too, and no
 * other: what is said of the whole chain counts there, and stands elsewhere as it was when that slice was written.
 */
function compileSlices(
  { chain, place, ends, slices: stored }: ChainBlueprint,
  resolved: Pick<CompiledChain, 'from' | 'to' | 'hops' | 'straight'>,
): ChainSlice[] {
  if (!place) return [];
  const before = stored.map((slice) => slice.spec).sort((a, b) => a.slice - b.slice);
  const packed = packSlices(resolved, before);
  const common = {
    chain: chain.metadata.name,
    generation: chain.metadata.generation ?? 0,
    ...place,
    priority: chain.spec.priority,
    createdAt: chain.metadata.creationTimestamp ?? '',
    slices: packed.length,
  };
  const { ports } = chain.spec;
  const { straight } = resolved;
  const first = {
    ...(ports ? { ports } : {}),
    ...(ends.virtual.length > 0 ? { virtual: ends.virtual } : {}),
    ...(straight ? { straight: true } : {}),
    ...(straight?.kind === 'Translated' ? { listeners: straight.listeners } : {}),
    hops: resolved.hops.map(({ hop }) => hop),
  };
  return packed.map((ends, slice) => {
    if (slice === 0) return renderSlice(chain, { ...common, slice, ...first, ...ends });
    const spec = { ...common, slice, ...ends };
    const known = before.find((each) => each.slice === slice);
    return renderSlice(chain, known && namesTheSame(known, spec) ? known : spec);
  });
}

/** Whether two states of a slice but the first say the same to a node. */
function namesTheSame(a: ChainSliceSpec, b: ChainSliceSpec): boolean {
  const meaning = ({ chain, network, vni, pathId, createdAt, from, to }: ChainSliceSpec) =>
    JSON.stringify([
      chain,
      network.namespace,
      network.name,
      vni,
      pathId,
      createdAt,
      ...[from, to].map(endMeaning),
    ]);
  return meaning(a) === meaning(b);
}

function endMeaning({ any, cidrs, addresses }: ChainEnd): readonly unknown[] {
  return [any, (cidrs ?? []).map(({ cidr, except }) => [cidr, except ?? []]), addresses ?? []];
}

function renderSlice(chain: ServiceChain, spec: ChainSliceSpec): ChainSlice {
  const { namespace, name, uid } = chain.metadata;
  return {
    apiVersion: internalApiVersion,
    kind: 'ChainSlice',
    metadata: {
      name: `${name}-${spec.slice}`,
      namespace,
      labels: { [labels.chain]: labelOf(name), [labels.name]: heddle },
      ownerReferences: [{ apiVersion, kind: 'ServiceChain', name, uid: uid ?? '', controller: true }],
    },
    spec,
  };
}

// For people who select by it; we find slices by `spec.chain`, which is whole.
function labelOf(name: string): string {
  return name.slice(0, 63).replace(/[^a-z0-9]+$/, '');
}
