// SPDX-License-Identifier: Apache-2.0
import type { ChainListener } from '../../../api/index.ts';
import { DEFAULT_WEIGHT } from '../../../api/weight.ts';
import type { Reach } from './reach.ts';
import { type InstanceFacts, type Judged, judgeInstance } from './standing.ts';
import type { FunctionRef, Hop, HopInstance } from './types.ts';

/** What a slice can hold; instances that drain are many only after many upgrades in ten minutes. */
const MOST_INSTANCES = 256;

/** What the chain must know of a function's spec. */
export interface FunctionFacts {
  readonly desired: number;
  /** It only judges how a flow begins: what follows may go straight, where the chain says so. */
  readonly judgesBeginnings: boolean;
  /** Of a load balancer: what it turns packets for its addresses into. Absent: nobody but its instances can say. */
  readonly translates?: readonly ChainListener[] | undefined;
  /** Name of the one network that it serves, where it serves one only. */
  readonly network?: string | undefined;
}

/** One function of a chain beside what exists of it. */
export interface HopFacts {
  readonly ref: FunctionRef;
  /** Absent: there is no such object, or its kind is not one that chains can name. */
  readonly found: FunctionFacts | undefined;
  readonly instances: readonly InstanceFacts[];
}

/** A hop as nodes need it, and what came of each instance of it. */
export interface CompiledHop {
  readonly hop: Hop;
  /** By id. */
  readonly judged: readonly Judged[];
}

/** The hop as nodes need it. A hop whose function is missing stays, without instances: `onFailure` applies. */
export function compileHop(
  facts: HopFacts,
  context: { readonly stored: readonly Hop[]; readonly reach: Reach },
): CompiledHop {
  const { kind, name, onFailure } = facts.ref;
  const before = context.stored.find((hop) => hop.kind === kind && hop.name === name);
  const listed = new Set(before?.instances.map(({ id }) => id));
  const judged = (facts.found ? facts.instances : [])
    .map((instance) => ({
      instance,
      standing: judgeInstance(instance, { isListed: listed.has(instance.id), reach: context.reach }),
    }))
    .sort((a, b) => a.instance.id - b.instance.id);
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
