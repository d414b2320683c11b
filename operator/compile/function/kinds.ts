import { type FirewallSpec, type FunctionKind, plurals, shortNames } from '../../api/index.ts';
import { firewallNeeds } from './needs.ts';

export type { FunctionKind } from '../../api/index.ts';

/**
 * Every kind of function that a chain can name: what the operator must know to run one. A new kind is one
 * entry here, its CRD, and its program under `functions/`.
 */
export const functionKinds = {
  Firewall: {
    /** How the kind is written in a chain's `path` column. */
    short: shortNames.Firewall,
    /** Plural of its resource, for the rights of its pods. */
    plural: plurals.Firewall,
    /** Name of the container and of its image. */
    program: 'firewall',
    /** What its spec asks of the operator. */
    needs: firewallNeeds,
    /** Whether it only judges how a flow begins, so that the rest of the flow need not pass it. */
    judgesBeginnings: ({ stateful }: FirewallSpec) => stateful,
  },
} as const satisfies Record<FunctionKind, unknown>;

/** Whether chains can name functions of this kind. */
function isFunctionKind(kind: string): kind is FunctionKind {
  return Object.hasOwn(functionKinds, kind);
}

/** How a person reads a function in one line: `fw/edge`. */
export function shortNameOf(ref: { readonly kind: string; readonly name: string }): string {
  return `${isFunctionKind(ref.kind) ? functionKinds[ref.kind].short : ref.kind.toLowerCase()}/${ref.name}`;
}
