// SPDX-License-Identifier: Apache-2.0
import type { ChainCidr, ChainEnd, ChainHop, ChainListener, ChainPort, ChainSlice } from '../../api/index.ts';
import { parseAddress } from '../../api/net/address.ts';
import { type MappedPrefix, mappedHost, mappedPrefix } from '../../api/net/mapped.ts';
import { parsePrefix } from '../../api/net/prefix.ts';
import { prefixKey } from './keys.ts';
import { memoize, sameItems } from './memo.ts';

/** One end of a chain (`from` or `to`), of all its slices together. */
export interface PeerSet {
  readonly any: boolean;
  readonly cidrs: readonly { readonly cidr: MappedPrefix; readonly except: readonly MappedPrefix[] }[];
  /** prefixKey of each address. */
  readonly addresses: ReadonlySet<string>;
}

/** A chain, put together from its slices, with its addresses parsed. */
export interface Chain {
  readonly key: string;
  readonly namespace: string;
  readonly pathId: number;
  readonly vni: number;
  readonly priority: number;
  readonly createdAt: string;
  /** The listeners of the load balancer, if it is the one function of the chain and flows may bypass it. */
  readonly listeners: readonly ChainListener[];
  /** Whether established flows may use the fast path. */
  readonly straight: boolean;
  readonly ports: readonly ChainPort[];
  readonly hops: readonly ChainHop[];
  readonly from: PeerSet;
  readonly to: PeerSet;
  /** Where load balancers of the chain send, besides `to`; undefined: not known, or the chain has none. */
  readonly behind: PeerSet | undefined;
  /** Addresses of load balancers: no pod has them, and the chain takes all packets to them. */
  readonly virtual: readonly MappedPrefix[];
}

/**
 * Puts the slices of one chain together. Returns undefined without slice 0, which has the hops. While other slices are
 * missing, the chain only takes fewer flows.
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

/** Chains by their slice 0. The same slices give the same object, so that later steps can cache what they make of it. */
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
    behind: head.spec.behind && unitePeers(slices.flatMap(({ spec }) => spec.behind ?? [])),
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

/** Orders chains by precedence: the higher priority, then the older chain, then the name (docs/api.md). */
export function comparePrecedence(a: Chain, b: Chain): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
