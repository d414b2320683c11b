// SPDX-License-Identifier: Apache-2.0
import { type Condition, limitMessage, renderConditions } from '../../../api/conditions.ts';
import { checkChain } from './checks.ts';
import type { ChainStatusFacts, HopStatusFacts } from './facts.ts';
import { type HopReason, type HopState, reportHop } from './hops.ts';

/** The complete status of a chain: a field that is not in it is removed. */
export interface ChainStatus {
  readonly observedGeneration: number;
  readonly pathId?: number;
  readonly outsidePathId?: number;
  readonly path: string;
  readonly functions: readonly {
    readonly kind: string;
    readonly name: string;
    readonly ready: number;
    readonly desired: number;
    readonly state: HopState;
    readonly reason?: HopReason;
    readonly message?: string;
  }[];
  readonly classifiedPorts: number;
  readonly conditions: readonly Condition[];
}

/** Computes the status of a chain. */
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
    ...(facts.outsidePathId === undefined ? {} : { outsidePathId: facts.outsidePathId }),
    path: facts.hops.map((hop) => hop.label).join(' > '),
    functions: facts.hops.map((hop) => summarizeHop(hop, facts.namespace)),
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

function summarizeHop(hop: HopStatusFacts, namespace: string): ChainStatus['functions'][number] {
  const { kind, name, desired } = hop;
  const { ready, state, causes } = reportHop(hop, namespace);
  const reason = causes[0]?.reason;
  const message = causes.map((cause) => cause.message).join('; ');
  return { kind, name, ready, desired, state, ...(reason ? { reason, message: limitMessage(message) } : {}) };
}
