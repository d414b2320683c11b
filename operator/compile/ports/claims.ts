// SPDX-License-Identifier: Apache-2.0
/**
 * The claims protocol (docs/architecture.md, Claims): of two claims of one thing, the Accepted one wins. When none is
 * Accepted, the one with the lower resourceVersion wins.
 *
 * Two claims of one thing are never both Accepted, for this reason. The write that accepts a claim succeeds only at
 * the resourceVersion that was judged. One watch delivers all Ports in the order of their writes, so a pass that
 * judges a claim at version v has seen all writes to Ports before v. Therefore the pass that judges the claim with
 * the higher version has seen the other claim, and lets that one win.
 */
export interface Contender {
  /** `namespace/name` of the Port. */
  readonly key: string;
  readonly resourceVersion: string;
  readonly accepted: boolean;
}

export type ClaimVerdict =
  | { readonly kind: 'Wins' }
  /** The winner `to`, and the thing that both claim, for the message. */
  | { readonly kind: 'Loses'; readonly to: string; readonly thing: string };

/** Judges one claim against all other claims of the same things. */
export function judgeClaim(claim: Contender, rivals: readonly Rivalry[]): ClaimVerdict {
  for (const { thing, contenders } of rivals) {
    const winner = contenders.find((rival) => rival.key !== claim.key && beats(rival, claim));
    if (winner !== undefined) return { kind: 'Loses', to: winner.key, thing };
  }
  return { kind: 'Wins' };
}

/** A thing that can be claimed (an address, a MAC, an instance id), and the Ports that claim it. */
export interface Rivalry {
  readonly thing: string;
  readonly contenders: readonly Contender[];
}

function beats(a: Contender, b: Contender): boolean {
  if (a.accepted !== b.accepted) return a.accepted;
  return compareResourceVersions(a.resourceVersion, b.resourceVersion) < 0;
}

/**
 * Compares two resourceVersions. Kubernetes defines them as comparable within one resource: decimal numbers without
 * leading zeros (KEP-5504). So the longer one is larger, and the size of a JavaScript number does not matter.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
