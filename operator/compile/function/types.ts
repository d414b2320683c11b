import type { FunctionKind } from '../../../api/index.ts';

/** Who owns what is compiled: a resource of ours. */
export interface Owner {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The same, of a function that chains can name. */
export interface FunctionOwner extends Owner {
  readonly kind: FunctionKind;
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
