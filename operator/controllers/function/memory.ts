// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancerDrainingAddress } from '../../../api/index.ts';
import type { InstanceReport } from '../../../api/report.ts';
import type { Clock } from '../../../kube/base/clock.ts';
import type { FunctionKind, FunctionObject } from '../../compile/function/kinds.ts';
import type { Shares } from '../../compile/function/source-ports.ts';
import { type Answers, noAnswers } from '../workload/ask.ts';
import { Memories } from '../workload/memories.ts';
import { type Details, detailsOf } from './details.ts';

/** The state of a function that both of its controllers keep between passes. */
export interface FunctionMemory {
  readonly details: Details;
  /** The addresses that a load balancer was given last. */
  addresses: readonly string[];
  /** The addresses that were taken from a load balancer, and drain. */
  draining: readonly LoadBalancerDrainingAddress[];
  /** The source ports that the instances of a load balancer were given last: a store may be older than that. */
  sourcePorts: Shares | undefined;
  answers: Answers<InstanceReport>;
  /** The most entries that a report could have since this operator knows the object: instances may be behind. */
  mostEntries: number;
  unsettledRounds: number;
  writtenAt: number;
  /** Size of the selected pods in bytes when one ConfigMap cannot hold them. */
  podsTooLarge: number | undefined;
  /** The API server's message when it refused the Service. */
  refusal: string | undefined;
  /** The API server's message when it refused the Deployment, or what its pods need. */
  podsRefusal: string | undefined;
}

export type FunctionMemories = Memories<FunctionObject, FunctionMemory>;

export function createFunctionMemories(kind: FunctionKind, clock: Clock): FunctionMemories {
  return new Memories((object) => ({
    details: detailsOf(kind, clock),
    addresses: object.kind === 'LoadBalancer' ? (object.status?.addresses ?? []) : [],
    draining: object.kind === 'LoadBalancer' ? (object.status?.draining ?? []) : [],
    sourcePorts: undefined,
    answers: noAnswers(),
    mostEntries: 0,
    unsettledRounds: 0,
    writtenAt: Number.NEGATIVE_INFINITY,
    podsTooLarge: undefined,
    refusal: undefined,
    podsRefusal: undefined,
  }));
}
