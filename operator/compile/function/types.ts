import type { FunctionKind } from './kinds.ts';

/** A label selector as meta/v1 has it. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
    | undefined;
}

/** What people may say about the pods of a function: the same fields for every kind. */
export interface PodOptions {
  readonly resources?: unknown;
  readonly nodeSelector?: Readonly<Record<string, string>> | undefined;
  readonly tolerations?: readonly unknown[] | undefined;
  readonly affinity?: unknown;
  readonly topologySpreadConstraints?: readonly unknown[] | undefined;
  readonly priorityClassName?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Who owns what is compiled: the function's own resource. */
export interface FunctionOwner {
  readonly kind: FunctionKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** An object to be applied: complete in what is ours, silent on the rest. */
export interface Desired {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
      readonly controller: true;
    }[];
  };
}
