// SPDX-License-Identifier: Apache-2.0
import type { ChainCidr, ChainEnd, ChainHop, ChainListener, ChainPort, ChainSlice } from '../../api/index.ts';
import { parseAddress } from '../../api/net/address.ts';
import { type MappedPrefix, mappedHost, mappedPrefix } from '../../api/net/mapped.ts';
import { parsePrefix } from '../../api/net/prefix.ts';
import { prefixKey } from './keys.ts';
import { memoize, sameItems } from './memo.ts';

/** One end of a chain, all its slices together. */
export interface PeerSet {
  readonly any: boolean;
  readonly cidrs: readonly { readonly cidr: MappedPrefix; readonly except: readonly MappedPrefix[] }[];
  /** prefixKey of each address. */
  readonly addresses: ReadonlySet<string>;
}

/** A chain as the node needs it: its slices put together again, its addresses parsed. */
export interface Chain {
  readonly key: string;
  readonly namespace: string;
  readonly pathId: number;
  readonly vni: number;
  readonly priority: number;
  readonly createdAt: string;
  /** What the one function, a load balancer, turns packets for `virtual` into, where flows may go round it. */
  readonly listeners: readonly ChainListener[];
  /** Whether flows that came through all functions may go straight for a while. */
  readonly straight: boolean;
  readonly ports: readonly ChainPort[];
  readonly hops: readonly ChainHop[];
  readonly from: PeerSet;
  readonly to: PeerSet;
  /** Addresses that no pod has and that the chain takes all packets of: those of load balancers. */
  readonly virtual: readonly MappedPrefix[];
}

/**
 * Puts the slices of one chain together. Without slice 0, which holds the hops, there is no chain yet: answers
 * undefined. Other slices that are not there yet only make the chain take fewer flows, as while it is written.
 */
export function assembleChain(key: string, slices: readonly ChainSlice[]): Chain | undefined {
  const head = slices.find((slice) => slice.spec.slice === 0);
  if (!head) return undefined;
  const known = assembled.get(head);
  if (known && sameItems(known.slices, slices)) return known.chain;
  const chain = assemble(key, head, slices);
  assembled.set(head, { slices, chain });
  return chain;
}

/** By slice 0: the same slices are the same chain, so that what was made of it can be found again. */
const assembled = new WeakMap<
  ChainSlice,
  { readonly slices: readonly ChainSlice[]; readonly chain: Chain }
>();

function assemble(key: string, head: ChainSlice, slices: readonly ChainSlice[]): Chain {
  return {
    key,
    namespace: head.metadata.namespace,
    pathId: head.spec.pathId,
    vni: head.spec.vni,
    priority: head.spec.priority,
    createdAt: head.spec.createdAt,
    straight: head.spec.straight ?? false,
    listeners: head.spec.listeners ?? [],
    ports: head.spec.ports ?? [],
    hops: head.spec.hops ?? [],
    from: unitePeers(slices.map((slice) => slice.spec.from)),
    to: unitePeers(slices.map((slice) => slice.spec.to)),
    virtual: (head.spec.virtual ?? []).map((text) => mappedHost(parseAddress(text))),
  };
}

function unitePeers(ends: readonly ChainEnd[]): PeerSet {
  return {
    any: ends.some((end) => end.any === true),
    cidrs: ends.flatMap((end) => end.cidrs ?? []).map(parsePeerCidr),
    addresses: new Set(ends.flatMap(addressKeys)),
  };
}

const addressKeys = memoize(({ addresses }: ChainEnd) =>
  (addresses ?? []).map((text) => prefixKey(mappedHost(parseAddress(text)))),
);

function parsePeerCidr({ cidr, except }: ChainCidr): PeerSet['cidrs'][number] {
  const mapped = (text: string) => mappedPrefix(parsePrefix(text));
  return { cidr: mapped(cidr), except: (except ?? []).map(mapped) };
}

/** Precedence: the higher priority, then the older, then the name (api.md). */
export function comparePrecedence(a: Chain, b: Chain): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
