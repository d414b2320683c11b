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

/** The facts from which the conditions of a function are computed. */
export interface FunctionStatusFacts {
  readonly kind: FunctionKind;
  readonly words: KindWords;
  readonly namespace: string;
  readonly generation: number;
  /** Hash of the ConfigMaps that every instance should have applied. */
  readonly inputs: string;
  /** Wanted number of instances. */
  readonly desired: number;
  /** Label selector of its pods, as `kubectl get pods -l` takes it. */
  readonly selector: string;
  readonly problems: readonly FieldError[];
  readonly references: readonly ReferenceFacts[];
  /** Size of the selected pods in bytes when one ConfigMap cannot hold them. */
  readonly podsTooLarge: number | undefined;
  /** The API server's message when it refuses the pods, or what they need. */
  readonly podsRefusal?: string | undefined;
  readonly instances: readonly InstanceFacts<InstanceReport>[];
  /** Facts that only a load balancer has. */
  readonly balancing?: BalancingFacts | undefined;
  /** Facts that only a function with a Service has. */
  readonly exposure?: ExposureFacts | undefined;
}

export interface BalancingFacts {
  readonly network: string;
  readonly networkFound: boolean;
  /** Whether the function is in a chain that has its path id. */
  readonly hasPath: boolean;
  /** The backends in `status.backends`. */
  readonly backends: readonly { readonly healthy: boolean; readonly reason: string }[];
}

/** The state of the Service that a load balancer asks for. */
export interface ExposureFacts {
  readonly type: 'NodePort' | 'LoadBalancer';
  /** The API server's message when it refused the Service. */
  readonly refusal: string | undefined;
  /** The chain whose functions no client outside can pass, if it takes all of them. */
  readonly shutBy?: string | undefined;
  /** Ports of the Service as the cluster assigned them; empty while the Service does not exist. */
  readonly ports: readonly {
    readonly protocol: string;
    readonly port: number;
    readonly nodePort: number | undefined;
  }[];
  /** Addresses or names that the cluster's load balancer assigned. */
  readonly ingress: readonly string[];
}
