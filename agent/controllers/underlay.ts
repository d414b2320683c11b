// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../api/net/address.ts';
import type { DataPath } from '../apply/datapath.ts';
import { applyNodeTable } from '../apply/node-table.ts';
import { applyUnderlay } from '../apply/underlay.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { observeUnderlayAgain, type Underlay } from '../observe/underlay.ts';

export interface UnderlayOptions {
  readonly kernel: Kernel;
  readonly dataPath: DataPath;
  /** The node's own address. */
  readonly own: Address;
  /** The device that has it at the start. */
  readonly found: Underlay;
  /** More devices of the underlay, by name. */
  readonly devices: readonly string[];
}

/**
 * Follows the devices of the underlay while the agent runs: one that comes later gets the programs, one that goes is
 * forgotten, and so it is when the node's address moves to another device (a bond or a bridge is made of it).
 */
export class UnderlayFollower {
  readonly #options: UnderlayOptions;
  #underlay: Underlay;
  /** The device by which the node's rules of nftables take in VXLAN. */
  #ruled: string;

  constructor(options: UnderlayOptions) {
    this.#options = options;
    this.#underlay = options.found;
    this.#ruled = options.found.device;
  }

  get underlay(): Underlay {
    return this.#underlay;
  }

  async reconcile(): Promise<void> {
    const { kernel, dataPath, own, devices } = this.#options;
    // Nobody may have the address for a moment. The other devices are followed all the same.
    const observed = await observeUnderlayAgain(kernel, own, this.#underlay).catch((error: unknown) => error);
    if (!(observed instanceof Error)) this.#underlay = observed as Underlay;
    const { device } = this.#underlay;
    const names = [device, ...devices];
    if (device !== this.#ruled) await applyNodeTable({ ...dataPath.nodeRules, underlayDevices: names });
    this.#ruled = device;
    if (dataPath.programDevices.length > 0) await applyUnderlay(kernel, dataPath, names);
    if (observed instanceof Error) throw observed;
  }
}
