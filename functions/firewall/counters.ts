import type { Nft } from './nft.ts';
import { type CounterValue, TABLE } from './ruleset.ts';

interface Listing {
  readonly nftables?: readonly { readonly counter?: Counter }[];
}

interface Counter extends CounterValue {
  readonly name: string;
}

/** Reads all named counters of the table in the kernel; none when there is no table. */
export async function readCounters(nft: Nft): Promise<ReadonlyMap<string, CounterValue>> {
  const text = await nft.run(['-j', 'list', 'counters', 'table', ...TABLE.split(' ')]);
  return parseCounters(text);
}

/** Pure: counters by name. */
export function parseCounters(text: string): ReadonlyMap<string, CounterValue> {
  const listing = JSON.parse(text) as Listing;
  return new Map(
    (listing.nftables ?? []).flatMap(({ counter }) =>
      counter ? [[counter.name, { packets: counter.packets, bytes: counter.bytes }] as const] : [],
    ),
  );
}
