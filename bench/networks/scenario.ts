// SPDX-License-Identifier: Apache-2.0
/** The load of one node. */
export interface Plan {
  readonly networks: number;
  /** How many of the networks have a pod on this node. */
  readonly attached: number;
  /** How many changes of each kind are timed. */
  readonly changes: number;
}

/** Ports of each network on other nodes: two clients, two servers. */
export const REMOTE_PORTS = 4;

/** What was measured; times in milliseconds, sizes in bytes. */
export interface Outcome {
  readonly plan: Plan;
  /** Time to attach each interface with its network, by the code of the runtime's hook. */
  readonly attach: readonly number[];
  /** Time until all networks were in maps that were empty before. */
  readonly fromEmpty: number;
  /** Time from the start of an agent until it had adopted the state of an earlier one. */
  readonly restart: number;
  readonly chainEdits: readonly number[];
  readonly newPorts: readonly number[];
  readonly maps: { readonly emptyBytes: number; readonly bytes: number };
  readonly memory: { readonly agent: number; readonly children: number };
  readonly reportBytes: number;
}
