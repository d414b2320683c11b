// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { FunctionKind } from '../../../api/index.ts';
import type { Verdict } from '../../../api/reasons.ts';
import type { InstanceReport } from '../../../api/report.ts';
import type { KindWords } from '../../compile/function/kinds.ts';
import type { InstanceFacts } from '../workload/instances.ts';

export type FunctionVerdict = Verdict<FunctionKind>;

/** A ConfigMap that the spec names. */
export interface ReferenceFacts {
  readonly name: string;
  readonly field: string;
  readonly found: boolean;
}

/** All that the conditions of a function are concluded from. */
export interface FunctionStatusFacts {
  readonly kind: FunctionKind;
  readonly words: KindWords;
  readonly namespace: string;
  readonly generation: number;
  /** Hash of the ConfigMaps that every instance should work with. */
  readonly inputs: string;
  /** Instances that there should be. */
  readonly desired: number;
  /** Label selector of its pods, as `kubectl get pods -l` takes it. */
  readonly selector: string;
  readonly problems: readonly FieldError[];
  readonly references: readonly ReferenceFacts[];
  /** Bytes of the selected pods when they are more than one ConfigMap holds. */
  readonly podsTooLarge: number | undefined;
  readonly instances: readonly InstanceFacts<InstanceReport>[];
  /** Of a load balancer. */
  readonly balancing?: BalancingFacts | undefined;
  /** Of one that asks for a Service. */
  readonly exposure?: ExposureFacts | undefined;
}

export interface BalancingFacts {
  readonly network: string;
  readonly networkFound: boolean;
  /** Whether it is on a path that has its id. */
  readonly hasPath: boolean;
  /** As `status.backends` has them. */
  readonly backends: readonly { readonly healthy: boolean; readonly reason: string }[];
}

/** What became of the Service that a load balancer asks for. */
export interface ExposureFacts {
  readonly type: 'NodePort' | 'LoadBalancer';
  /** What the API server said when it refused the Service. */
  readonly refusal: string | undefined;
  /** Ports of the Service as the cluster has made them; none while it is not there. */
  readonly ports: readonly {
    readonly protocol: string;
    readonly port: number;
    readonly nodePort: number | undefined;
  }[];
  /** Addresses or names that the cluster's own load balancer gave. */
  readonly ingress: readonly string[];
}
