// SPDX-License-Identifier: Apache-2.0
/** The lanes to measure, as values. A lane is one path from a client to a server. */

export type Placement = 'One node' | 'Across nodes';
/** `straight`: Heddle, of a chain whose established flows go straight (`establishedFlows: Straight`). */
export type Build = 'direct' | 'vxlan' | 'hand-built' | 'heddle' | 'straight';
export type Work = 'forward' | 'firewall';

export interface LanePlan {
  readonly placement: Placement;
  readonly build: Build;
  readonly functions: number;
  readonly work: Work;
}

/** A lane that is built: traffic may flow. */
export interface Lane {
  readonly plan: LanePlan;
  /** Names of network namespaces. */
  readonly client: string;
  readonly server: string;
  readonly address: string;
  readonly functions: readonly string[];
}

/** One row of the tables: its lanes differ only in how they are built. */
export type Row = Omit<LanePlan, 'build'>;

export const PLACEMENTS: readonly Placement[] = ['One node', 'Across nodes'];
/** The MTU of all pod interfaces, in every build: the space in VXLAN on an underlay of 1500 bytes. */
export const MTU = 1450;

const LENGTHS: readonly number[] = [1, 3, 8];
const QUICK_LENGTHS: readonly number[] = [3];

/** Chains by length and work; a chain of no functions is the network alone. */
export function listRows({ quick }: { readonly quick: boolean }): readonly Row[] {
  const lengths = quick ? QUICK_LENGTHS : LENGTHS;
  return PLACEMENTS.flatMap((placement) => [
    { placement, functions: 0, work: 'forward' as const },
    ...(['forward', 'firewall'] as const).flatMap((work) =>
      lengths.map((functions) => ({ placement, functions, work })),
    ),
  ]);
}

/** Whether the fast path may be used: only for functions that judge the first packet of a flow. */
export function mayGoStraight({ functions, work }: Row): boolean {
  return functions > 0 && work === 'firewall';
}

/**
 * The nodes of a lane, from the client's to the server's. Across nodes, each step goes to another node, and the server
 * is not on the client's node, so the fast path must cross nodes too.
 */
export function placeLane({ placement, functions }: Row, nodes: readonly string[]): readonly string[] {
  const steps = Array.from({ length: functions + 2 }, (_, step) =>
    placement === 'One node' ? nodes[0]! : nodes[step % nodes.length]!,
  );
  const isBack = placement === 'Across nodes' && steps.at(-1) === steps[0];
  return isBack ? [...steps.slice(0, -1), nodes[1]!] : steps;
}

/** A short name, of letters that names of interfaces may have. */
export function nameRow({ placement, functions, work }: Row): string {
  return `${placement === 'One node' ? 'o' : 'a'}${work === 'forward' ? 'p' : 'f'}${functions}`;
}
