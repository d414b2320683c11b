// SPDX-License-Identifier: Apache-2.0
import type { ChainListener } from '../../../api/index.ts';
import { onFailureOf } from '../../../api/list-defaults.ts';
import type { PodsSelected } from '../../../api/selector-key.ts';
import { DEFAULT_WEIGHT } from '../../../api/weight.ts';
import type { Reach } from './reach.ts';
import { type InstanceFacts, type Judged, judgeInstance } from './standing.ts';
import type { FunctionRef, Hop, HopInstance } from './types.ts';

/** Most instances of a hop in a slice (schema). Only many upgrades within ten minutes make many draining instances. */
const MOST_INSTANCES = 256;

/** The fields of a function's spec that matter to a chain. */
export interface FunctionFacts {
  readonly desired: number;
  /**
   * True when the function only judges the first packets of a flow. Later packets may then use the fast path, if the
   * chain says so.
   */
  readonly judgesBeginnings: boolean;
  /**
   * The listeners of a load balancer, when nodes can translate addresses in its place. Absent when only its instances
   * know the translation.
   */
  readonly translates?: readonly ChainListener[] | undefined;
  /** Whether it is a load balancer with former addresses whose flows drain. It does not translate meanwhile. */
  readonly drainsAddresses?: boolean | undefined;
  /** Where the function sends flows by its own choice. Absent when its kind does not, or when the spec has faults. */
  readonly backends?: BackendFacts | undefined;
  /** Name of the network that the function serves, when it serves only one. */
  readonly network?: string | undefined;
}

/** The backends of a load balancer, whether they take flows or not. */
export interface BackendFacts {
  readonly selected: PodsSelected | undefined;
  readonly addresses: readonly string[];
}

/** One function of a chain, with the function object and its instances. */
export interface HopFacts {
  readonly ref: FunctionRef;
  /** Absent when there is no such object, or when chains cannot name its kind. */
  readonly found: FunctionFacts | undefined;
  readonly instances: readonly InstanceFacts[];
}

/** A hop as nodes need it, and the standing of each of its instances. */
export interface CompiledHop {
  readonly hop: Hop;
  /** The instances, sorted by id. */
  readonly judged: readonly Judged[];
}

/** Compiles a hop. A hop whose function is missing stays in the chain without instances, so `onFailure` applies. */
export function compileHop(
  facts: HopFacts,
  context: { readonly stored: readonly Hop[]; readonly reach: Reach },
): CompiledHop {
  const { kind, name } = facts.ref;
  const before = context.stored.find((hop) => hop.kind === kind && hop.name === name);
  const listed = new Set(before?.instances.map(({ id }) => id));
  const judged = (facts.found ? facts.instances : [])
    .map((instance) => ({
      instance,
      standing: judgeInstance(instance, { isListed: listed.has(instance.id), reach: context.reach }),
    }))
    .sort((a, b) => a.instance.id - b.instance.id);
  const onFailure = onFailureOf(facts.ref);
  return { hop: { kind, name, onFailure, instances: listInstances(judged) }, judged };
}

function listInstances(judged: readonly Judged[]): HopInstance[] {
  const entries = judged.flatMap(renderInstance);
  if (entries.length <= MOST_INSTANCES) return entries;
  const kept = new Set([...entries].sort(byUse).slice(0, MOST_INSTANCES));
  return entries.filter((entry) => kept.has(entry));
}

function renderInstance({ instance, standing }: Judged): HopInstance[] {
  const { id, node, weight } = instance;
  const common = { id, node, ...(weight === DEFAULT_WEIGHT ? {} : { weight }) };
  switch (standing.kind) {
    case 'Serving':
    case 'Weightless':
      return [common];
    case 'Draining':
    case 'Down':
    case 'Unready':
      return [{ ...common, state: standing.kind }];
    case 'Starting':
      return [];
  }
}

function byUse(a: HopInstance, b: HopInstance): number {
  return Number(a.state !== undefined) - Number(b.state !== undefined);
}
