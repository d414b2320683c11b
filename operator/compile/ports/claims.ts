// SPDX-License-Identifier: Apache-2.0
/**
 * The claims protocol (docs/architecture.md, Claims): of two claims of one thing the Accepted one wins, else the
 * one with the lower resourceVersion.
 *
 * Why no two are ever Accepted: a claim is Accepted by a write that holds only at the resourceVersion that was
 * judged. Whoever judges a claim at version v has seen all that was written to any Port before v, for one watch
 * delivers all Ports in the order of their writes. So of two claims, whoever judges the one with the higher
 * version has seen the other one, and lets it win.
 */
export interface Contender {
  /** `namespace/name` of the Port. */
  readonly key: string;
  readonly resourceVersion: string;
  readonly accepted: boolean;
}

export type ClaimVerdict =
  | { readonly kind: 'Wins' }
  /** `to` and, so that a person can be told, the thing that both claim. */
  | { readonly kind: 'Loses'; readonly to: string; readonly thing: string };

/** Judges one claim beside all others of the same things. */
export function judgeClaim(claim: Contender, rivals: readonly Rivalry[]): ClaimVerdict {
  for (const { thing, contenders } of rivals) {
    const winner = contenders.find((rival) => rival.key !== claim.key && beats(rival, claim));
    if (winner !== undefined) return { kind: 'Loses', to: winner.key, thing };
  }
  return { kind: 'Wins' };
}

/** A thing that can be claimed (an address, a MAC, an instance id), and who claims it. */
export interface Rivalry {
  readonly thing: string;
  readonly contenders: readonly Contender[];
}

function beats(a: Contender, b: Contender): boolean {
  if (a.accepted !== b.accepted) return a.accepted;
  return compareResourceVersions(a.resourceVersion, b.resourceVersion) < 0;
}

/**
 * Kubernetes defines resourceVersions of one resource as comparable: decimal numbers without leading zeros
 * (KEP-5504), so that a longer one is larger, whatever the size of a JavaScript number.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
