import { type Condition, renderConditions } from '../../api/conditions.ts';
import { checkChain } from './checks.ts';
import type { ChainStatusFacts, HopStatusFacts } from './facts.ts';

export type HopState = 'Healthy' | 'Degraded' | 'Failed';

/** The status of a chain, whole: what is not in it is no longer true. */
export interface ChainStatus {
  readonly observedGeneration: number;
  readonly pathId?: number;
  readonly path: string;
  readonly functions: readonly {
    readonly kind: string;
    readonly name: string;
    readonly ready: number;
    readonly desired: number;
    readonly state: HopState;
  }[];
  readonly classifiedPorts: number;
  readonly conditions: readonly Condition[];
}

/** Says in one value how a chain is. */
export function summarizeChain(options: {
  readonly facts: ChainStatusFacts;
  readonly classifiedPorts: number;
  readonly generation: number;
  readonly previous: readonly Condition[] | undefined;
  readonly now: Date;
}): ChainStatus {
  const { facts, generation, previous, now } = options;
  return {
    observedGeneration: generation,
    ...(facts.pathId === undefined ? {} : { pathId: facts.pathId }),
    path: facts.hops.map((hop) => hop.label).join(' > '),
    functions: facts.hops.map((hop) => ({
      kind: hop.kind,
      name: hop.name,
      ready: hop.ready,
      desired: hop.desired,
      state: stateOf(hop),
    })),
    classifiedPorts: options.classifiedPorts,
    conditions: renderConditions({
      kind: 'ServiceChain',
      verdicts: checkChain(facts),
      previous,
      generation,
      now,
    }),
  };
}

function stateOf(hop: HopStatusFacts): HopState {
  if (hop.ready === 0) return 'Failed';
  return hop.ready < hop.desired ? 'Degraded' : 'Healthy';
}
