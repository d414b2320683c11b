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
import { resolveBehind } from './behind.ts';
import { type Member, resolveEnd } from './classifier.ts';
import { concernedMembers } from './concerned.ts';
import type { ChainEnds } from './ends.ts';
import { type CompiledHop, compileHop, type HopFacts } from './hops.ts';
import { chainLabelOf, sliceNameOf } from './names.ts';
import { type Reach, type Reports, reachAmong } from './reach.ts';
import { keepStored } from './rules-book.ts';
import { packSlices } from './slices.ts';
import { type Straight, straightOf } from './straight.ts';
import type { End } from './types.ts';

/** Everything that a chain is compiled from. */
export interface ChainBlueprint {
  readonly chain: ServiceChain;
  /** VNI and path id. Absent while one of them is missing; then the chain cannot be programmed on the nodes. */
  readonly place:
    | { readonly network: NamespacedName; readonly vni: number; readonly pathId: number }
    | undefined;
  /** The ends of the chain, with the names in them resolved to addresses. */
  readonly ends: Pick<ChainEnds, 'from' | 'to' | 'virtual'>;
  readonly members: readonly Member[];
  readonly hops: readonly HopFacts[];
  readonly reports: Reports;
  /** Whether the chain stays with the ends that its slices have: more of it would exceed a limit. */
  readonly keepsEnds?: boolean;
  /** The slices as they are stored. An entry stays in the slice that has it. */
  readonly slices: readonly ChainSlice[];
}

/** The result of compiling a chain: the slices for the nodes, and the facts for its status. */
export interface CompiledChain {
  readonly slices: readonly ChainSlice[];
  readonly from: End;
  readonly to: End;
  /** Where its load balancers send, besides `to`. */
  readonly behind: End | undefined;
  readonly hops: readonly CompiledHop[];
  readonly straight: Straight | undefined;
  /** The pods at whose Ports flows are classified. */
  readonly concerned: readonly Member[];
  readonly reach: Reach;
}

export function compileChain(blueprint: ChainBlueprint): CompiledChain {
  const { chain, members } = blueprint;
  const { namespace } = chain.metadata;
  const from = resolveEnd({ endpoints: blueprint.ends.from, members, namespace });
  const to = resolveEnd({ endpoints: blueprint.ends.to, members, namespace });
  const behind = resolveBehind(blueprint.hops, { members, namespace });
  const concerned = concernedMembers([from, to], members);
  const stored = blueprint.slices.find(({ spec }) => spec.slice === 0)?.spec.hops ?? [];
  const reach = reachAmong(nodesOf(blueprint.hops, concerned), blueprint.reports);
  const hops = blueprint.hops.map((facts) => compileHop(facts, { stored, reach }));
  const straight = straightOf(chain, blueprint.hops);
  const ends = blueprint.keepsEnds ? keepStored({ from, to }, blueprint.slices) : { from, to };
  const slices = compileSlices(blueprint, { ...ends, behind, hops, straight });
  return { slices, from, to, behind, hops, straight, concerned, reach };
}

/** The nodes that carry packets of the chain. */
function nodesOf(hops: readonly HopFacts[], concerned: readonly Member[]): Set<string> {
  const instances = hops.flatMap((hop) => hop.instances);
  return new Set([...concerned, ...instances].map(({ node }) => node));
}

/**
 * Compiles the slices of a chain. Only the first slice has ports and hops. So an added or removed pod rewrites one
 * slice, and a failed instance rewrites the first slice only. An edit of the chain also rewrites only the first
 * slice. The fields of the whole chain count in the first slice; in the others they are as they were when that slice
 * was written.
 */
function compileSlices(
  { chain, place, ends, slices: stored }: ChainBlueprint,
  resolved: Pick<CompiledChain, 'from' | 'to' | 'behind' | 'hops' | 'straight'>,
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

/** Whether two versions of a slice, not the first one of its chain, mean the same to a node. */
function namesTheSame(a: ChainSliceSpec, b: ChainSliceSpec): boolean {
  const meaning = ({ chain, network, vni, pathId, createdAt, from, to, behind }: ChainSliceSpec) =>
    JSON.stringify([
      chain,
      network.namespace,
      network.name,
      vni,
      pathId,
      createdAt,
      ...[from, to, ...(behind ? [behind] : [])].map(endMeaning),
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
      name: sliceNameOf(name, spec.slice),
      namespace,
      labels: { [labels.chain]: chainLabelOf(name), [labels.name]: heddle },
      ownerReferences: [{ apiVersion, kind: 'ServiceChain', name, uid: uid ?? '', controller: true }],
    },
    spec,
  };
}
