// SPDX-License-Identifier: Apache-2.0
/** What one node has to hold. */
export interface Plan {
  readonly networks: number;
  /** Of these, so many have a pod on this node. */
  readonly attached: number;
  /** Changes of each kind that are timed. */
  readonly changes: number;
}

/** Ports of each network on other nodes: two clients, two servers. */
export const REMOTE_PORTS = 4;

/** What was measured; times in milliseconds, sizes in bytes. */
export interface Outcome {
  readonly plan: Plan;
  /** Each interface, with its network, by the code of the runtime's hook. */
  readonly attach: readonly number[];
  /** Until all networks were in maps that were empty. */
  readonly fromEmpty: number;
  /** From the start of an agent until it has taken over from an earlier one. */
  readonly restart: number;
  readonly chainEdits: readonly number[];
  readonly newPorts: readonly number[];
  readonly maps: { readonly emptyBytes: number; readonly bytes: number };
  readonly memory: { readonly agent: number; readonly children: number };
  readonly reportBytes: number;
}
