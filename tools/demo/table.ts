// SPDX-License-Identifier: Apache-2.0
/** One thing that the demo shows with real traffic. */
export interface Proof {
  readonly claim: string;
  readonly proved: boolean;
  /** What the traffic showed. */
  readonly evidence: string;
}

/** Pure: the proofs as a table for a terminal. */
export function renderProofs(proofs: readonly Proof[]): string {
  const width = Math.max(...proofs.map((proof) => proof.claim.length));
  return proofs
    .map(({ claim, proved, evidence }) => `  ${proved ? 'yes' : 'NO '}  ${claim.padEnd(width)}  ${evidence}`)
    .join('\n');
}

export interface Surroundings {
  readonly kubeconfig: string;
  /** The path of our kubectl, if the user's own does not fit; else undefined. */
  readonly kubectl: string | undefined;
  /** Commands for a user who wants to see more. */
  readonly commands: readonly string[];
}

/** Pure: the text that explains how to see more, and how to remove everything. */
export function renderDirections({ kubeconfig, kubectl, commands }: Surroundings): string {
  return [
    'Look around:',
    `  export KUBECONFIG=${kubeconfig}`,
    ...(kubectl ? [`  alias kubectl=${kubectl}`] : []),
    ...commands.map((command) => `  ${command}`),
    'Remove it all:',
    '  npm run cluster:down',
  ].join('\n');
}
