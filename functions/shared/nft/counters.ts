// SPDX-License-Identifier: Apache-2.0
import type { Nft } from './nft.ts';
import { TABLE } from './ruleset.ts';

export interface CounterValue {
  readonly packets: number;
  readonly bytes: number;
}

interface Listing {
  readonly nftables?: readonly { readonly counter?: CounterValue & { readonly name: string } }[];
}

/** Requests within this time get the same answer, because reading 10,000 counters takes a tenth of a second. */
const FRESH_MS = 1000;

/**
 * Totals of the rules' counters since this process began. The kernel's counters are read and reset to zero in one step
 * (listing them would read every set of the namespace too), so the totals are kept here. They survive edits and the
 * replacement of the table.
 */
export class CounterTotals {
  readonly #nft: Nft;
  readonly #totals = new Map<string, CounterValue>();
  #last: { readonly at: number; readonly done: Promise<void> } | undefined;

  constructor(nft: Nft) {
    this.#nft = nft;
  }

  /** Totals by the name of the counter, not older than a second. */
  async read(): Promise<ReadonlyMap<string, CounterValue>> {
    const now = performance.now();
    if (!this.#last || now - this.#last.at > FRESH_MS) this.#last = { at: now, done: this.collect() };
    await this.#last.done;
    return this.#totals;
  }

  /** Adds what the kernel has counted since the last call. */
  async collect(): Promise<void> {
    const text = await this.#nft.run(['-j', 'reset', 'counters', 'table', ...TABLE.split(' ')]);
    for (const [name, counted] of parseCounters(text)) {
      const total = this.#totals.get(name);
      this.#totals.set(name, {
        packets: (total?.packets ?? 0) + counted.packets,
        bytes: (total?.bytes ?? 0) + counted.bytes,
      });
    }
  }

  /** Forgets counters that no longer exist, so that a later rule of the same name begins at zero. */
  keep(names: readonly string[]): void {
    const kept = new Set(names);
    for (const name of this.#totals.keys()) if (!kept.has(name)) this.#totals.delete(name);
  }
}

/** Pure: counters by name, parsed from nft's JSON. */
export function parseCounters(text: string): ReadonlyMap<string, CounterValue> {
  const listing = JSON.parse(text) as Listing;
  return new Map(
    (listing.nftables ?? []).flatMap(({ counter }) =>
      counter ? [[counter.name, { packets: counter.packets, bytes: counter.bytes }] as const] : [],
    ),
  );
}
