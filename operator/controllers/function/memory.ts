// SPDX-License-Identifier: Apache-2.0
import type { InstanceReport } from '../../../api/report.ts';
import type { Clock } from '../../../kube/base/clock.ts';
import type { FunctionKind, FunctionObject } from '../../compile/function/kinds.ts';
import { type Answers, noAnswers } from '../workload/ask.ts';
import { Memories } from '../workload/memories.ts';
import { type Details, detailsOf } from './details.ts';

/** What is remembered of a function between passes; both of its controllers look at it. */
export interface FunctionMemory {
  readonly details: Details;
  /** Of a load balancer: those that it was given last. */
  addresses: readonly string[];
  answers: Answers<InstanceReport>;
  unsettledRounds: number;
  writtenAt: number;
  /** Bytes of the selected pods that one ConfigMap does not hold. */
  podsTooLarge: number | undefined;
  /** What the API server said of the Service when it refused it. */
  refusal: string | undefined;
}

export type FunctionMemories = Memories<FunctionObject, FunctionMemory>;

export function createFunctionMemories(kind: FunctionKind, clock: Clock): FunctionMemories {
  return new Memories((object) => ({
    details: detailsOf(kind, clock),
    addresses: object.kind === 'LoadBalancer' ? (object.status?.addresses ?? []) : [],
    answers: noAnswers(),
    unsettledRounds: 0,
    writtenAt: Number.NEGATIVE_INFINITY,
    podsTooLarge: undefined,
    refusal: undefined,
  }));
}
