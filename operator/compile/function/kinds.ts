/**
 * Every kind of function that a chain can name: what the operator must know to run one. A new kind is one
 * entry here, its CRD, and its program under `functions/`.
 */
export const functionKinds = {
  Firewall: {
    /** How the kind is written in a chain's `path` column. */
    short: 'fw',
    /** Plural of its resource, for the rights of its pods. */
    plural: 'firewalls',
    /** Name of the container and of its image. */
    program: 'firewall',
  },
} as const satisfies Record<string, FunctionKindFacts>;

interface FunctionKindFacts {
  readonly short: string;
  readonly plural: string;
  readonly program: string;
}

export type FunctionKind = keyof typeof functionKinds;

/** Whether chains can name functions of this kind. */
export function isFunctionKind(kind: string): kind is FunctionKind {
  return Object.hasOwn(functionKinds, kind);
}

/** How a person reads a function in one line: `fw/edge`. */
export function shortNameOf(ref: { readonly kind: string; readonly name: string }): string {
  return `${isFunctionKind(ref.kind) ? functionKinds[ref.kind].short : ref.kind.toLowerCase()}/${ref.name}`;
}
