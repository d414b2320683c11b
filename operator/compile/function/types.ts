import type { FunctionKind } from './kinds.ts';

/** Who owns what is compiled: the function's own resource. */
export interface FunctionOwner {
  readonly kind: FunctionKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Metadata of an object that goes with its owner. */
export interface OwnedMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
    readonly controller: true;
  }[];
}

/** An object to be applied: complete in what is ours, silent on the rest. */
export interface Desired {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: OwnedMetadata;
}
