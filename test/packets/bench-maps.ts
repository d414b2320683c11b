// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Kernel } from '../../agent/kernel/kernel.ts';
import { observeDrops, observeEvents, observeHops } from '../../agent/observe/counters.ts';
import {
  type BpfMapName,
  decodeFlow,
  decodeFlowKey,
  decodeHopDropKey,
  encodeFlow,
  encodeFlowKey,
  type Flow,
  type FlowKey,
  SIZE_OF_HOP_DROP_KEY,
} from '../../agent/render/generated/layout.ts';
import { dropReasons } from '../../api/context/generated/context.ts';

/** The second has the flows of those who are over their budget. */
const FLOW_TABLES = ['flows', 'spilled_flows'] as const;
type FlowTable = (typeof FLOW_TABLES)[number];

export interface FlowEntry {
  readonly key: FlowKey;
  readonly flow: Flow;
}

/** What tests read of the maps of a bench: counters, and tables of flows, which they also change. */
export class BenchMaps {
  protected readonly kernel: Kernel;
  /** The root of the data path on the BPF file system. */
  protected readonly root: string;

  constructor(kernel: Kernel, root: string) {
    this.kernel = kernel;
    this.root = root;
  }

  /** How many packets were sent to instances so far, by path. */
  async hopPackets(): Promise<ReadonlyMap<number, number>> {
    const sent = new Map<number, number>();
    for (const hop of await observeHops({ kernel: this.kernel, mapsDir: join(this.root, 'maps') })) {
      sent.set(hop.path, (sent.get(hop.path) ?? 0) + hop.forward.packets + hop.reply.packets);
    }
    return sent;
  }

  /** How many packets were dropped and counted so far. */
  async dropped(): Promise<number> {
    return Object.values((await this.counters()).drops).reduce((sum, count) => sum + count, 0);
  }

  /** How often each event was counted so far. */
  async events(): Promise<Readonly<Record<string, number>>> {
    return (await this.counters()).events;
  }

  /** The entries of both tables of flows, or of one. */
  async flows(tables: readonly FlowTable[] = FLOW_TABLES): Promise<readonly FlowEntry[]> {
    const found = await Promise.all(tables.map((table) => this.#dumpFlows(table)));
    return found.flat();
  }

  async #dumpFlows(table: FlowTable): Promise<readonly FlowEntry[]> {
    const { keys, values, count } = await this.kernel.mapDump({ path: this.map(table) });
    const slot = (bytes: Uint8Array, index: number) =>
      bytes.slice((index * bytes.length) / count, ((index + 1) * bytes.length) / count);
    return Array.from({ length: count }, (_, index) => ({
      key: decodeFlowKey(slot(keys, index)),
      flow: decodeFlow(slot(values, index)),
    }));
  }

  /** Lets all flows have been checked that long ago, when packets were last found to be of their paths. */
  async ageFlows(ms: number): Promise<void> {
    const found = await this.#dumpFlows('flows');
    const checkedAt = Number(((process.hrtime.bigint() - BigInt(ms) * 1_000_000n) >> 20n) & 0xffff_ffffn) | 1;
    const keys = Buffer.concat(found.map(({ key }) => encodeFlowKey(key)));
    const values = Buffer.concat(
      found.map(({ flow }) => encodeFlow({ ...flow, checkedAt: checkedAt >>> 0 })),
    );
    await this.kernel.mapUpdate({
      path: this.map('flows'),
      entries: { keys, values, count: found.length },
    });
  }

  /** How many entries a map has. */
  async count(map: BpfMapName): Promise<number> {
    return this.kernel.mapCount({ path: this.map(map) });
  }

  /** Deletes all entries of flows. */
  async forgetFlows(): Promise<void> {
    for (const map of FLOW_TABLES) {
      const { keys, count } = await this.kernel.mapDump({ path: this.map(map) });
      if (count > 0) await this.kernel.mapDelete({ path: this.map(map), keys, count });
    }
  }

  /** The hops at which packets were dropped, and the reasons. */
  async hopDrops(): Promise<readonly { path: number; position: number; reason: string }[]> {
    const { keys, count } = await this.kernel.mapDump({ path: this.map('hop_drops') });
    return Array.from({ length: count }, (_, index) => {
      const { hop, reason } = decodeHopDropKey(keys.slice(index * SIZE_OF_HOP_DROP_KEY));
      return { path: hop.path, position: hop.slot, reason: dropReasons[reason] ?? '' };
    });
  }

  protected async counters(): Promise<
    Readonly<Record<'drops' | 'events', Readonly<Record<string, number>>>>
  > {
    const mapsDir = join(this.root, 'maps');
    const drops = await observeDrops(this.kernel, mapsDir);
    const events = await observeEvents({ kernel: this.kernel, mapsDir });
    return { drops, events: Object.fromEntries(events) };
  }

  protected map(name: BpfMapName): string {
    return join(this.root, 'maps', name);
  }
}
