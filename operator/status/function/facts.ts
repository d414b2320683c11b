import type { Verdict } from '../reasons.ts';

export type FirewallVerdict = Verdict<'Firewall'>;

/** What a person wrote wrongly, and where. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

export interface RuleCount {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

/** What an instance says of itself at `/report`. */
export interface InstanceReport {
  /** `metadata.generation` of the resource whose ruleset is in the kernel. */
  readonly generation: number;
  /** Hash of the peers and sets that are applied. */
  readonly inputs: string;
  /** Why the newest generation or its inputs could not be applied. */
  readonly error: FieldProblem | undefined;
  readonly rules: readonly RuleCount[];
  readonly logged: number;
}

/** One pod of a function that is not about to end. */
export interface InstanceStatusFacts {
  readonly pod: string;
  readonly ready: boolean;
  /** Absent until it has answered. */
  readonly report: InstanceReport | undefined;
}

/** A ConfigMap that the spec names. */
export interface ReferenceFacts {
  readonly name: string;
  readonly field: string;
  readonly found: boolean;
}

/** All that the conditions of a function are concluded from. */
export interface FunctionStatusFacts {
  readonly namespace: string;
  readonly generation: number;
  /** Instances that there should be. */
  readonly desired: number;
  /** Label selector of its pods, as `kubectl get pods -l` takes it. */
  readonly selector: string;
  readonly problems: readonly FieldProblem[];
  readonly references: readonly ReferenceFacts[];
  /** Bytes of the peers when they are more than one ConfigMap holds. */
  readonly peersTooLarge: number | undefined;
  readonly instances: readonly InstanceStatusFacts[];
}
