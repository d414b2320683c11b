// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../api/index.ts';
import { parseAddress } from '../../api/net/address.ts';
import {
  coversMapped,
  MAPPED_BITS,
  type MappedPrefix,
  mappedHost,
  mappedPrefix,
} from '../../api/net/mapped.ts';
import { parsePrefix } from '../../api/net/prefix.ts';
import { type Chain, comparePrecedence } from './chain.ts';
import { type AddressClass, classify, elementaryPrefixes, NO_CLASS } from './classes.ts';
import { type Facts, renderOwner } from './facts.ts';
import {
  ENDPOINT_F_BACKEND,
  ENDPOINT_F_PORT,
  ENDPOINT_F_VIRTUAL,
  type Endpoint,
  PATH_F_AMBIGUOUS,
  type Rules,
} from './generated/layout.ts';
import { prefixKey } from './keys.ts';
import { type PathState, renderPaths } from './paths.ts';
import { renderPairRules, renderSegments } from './rules.ts';
import { renderSides } from './sides.ts';

/** An address or range of a network, and its class; separate, since the kernel keeps the class in two banks. */
export interface EndpointState {
  readonly prefix: MappedPrefix;
  readonly classId: bigint;
  readonly owner: Omit<Endpoint, 'classId'>;
}

/** The desired state of one network in this node's kernel, as values. */
export interface NetworkState {
  readonly vni: number;
  readonly mtu: number;
  /** By prefixKey. */
  readonly endpoints: ReadonlyMap<string, EndpointState>;
  /** Rules of each pair of classes; the source is always a Port of this node. */
  readonly pairs: readonly {
    readonly source: bigint;
    readonly destination: bigint;
    readonly segments: readonly Rules[];
  }[];
  readonly paths: ReadonlyMap<number, PathState>;
  /** Ends of rewriting paths, by bytesKey of the SideKey. */
  readonly sides: ReadonlyMap<string, Uint8Array>;
}

export interface NetworkInput {
  readonly vni: number;
  readonly mtu: number;
  readonly ports: readonly Port[];
  readonly chains: readonly Chain[];
  readonly facts: Facts;
}

/** Renders a network for this node. Deterministic: the same input gives the same state. */
export function renderNetwork({ vni, mtu, ports, chains, facts }: NetworkInput): NetworkState {
  const ordered = [...chains].sort(comparePrecedence);
  const classOf = classify(vni, ordered);
  const owned = ports.flatMap((port) => renderOwned(port, facts));
  const ownerOf = indexRanges(owned);
  const endpoints = new Map<string, EndpointState>();
  const classes = new Map<string, AddressClass>();
  for (const prefix of elementaryPrefixes(ordered)) {
    const key = prefixKey(prefix);
    const named = classOf(prefix, key);
    classes.set(key, named);
    endpoints.set(key, { prefix, classId: named.id, owner: ownerIn(named, ownerOf(prefix)) });
  }
  for (const each of owned) {
    const named = classOf(each.prefix, each.key);
    classes.set(each.key, named);
    endpoints.set(each.key, renderEndpoint(each, named));
  }
  for (const prefix of ordered.flatMap((chain) => chain.virtual)) {
    const key = prefixKey(prefix);
    // If a pod has the address nevertheless, the pod keeps it, and the operator reports that.
    if ((endpoints.get(key)?.owner.flags ?? 0) & ENDPOINT_F_PORT) continue;
    const named = classOf(prefix, key);
    classes.set(key, named);
    endpoints.set(key, { prefix, classId: named.id, owner: VIRTUAL });
  }
  const { pairs, ambiguous } = renderPairs(endpoints, classes);
  const paths = renderPaths(ordered, facts);
  return {
    vni,
    mtu,
    endpoints,
    pairs,
    paths: markAmbiguous(paths, ambiguous),
    sides: renderSides(new Set(classes.values()), paths),
  };
}

interface Owned {
  readonly prefix: MappedPrefix;
  /** The prefixKey of `prefix`. */
  readonly key: string;
  readonly owner: EndpointState['owner'];
}

/** The addresses and prefixes of a Port; the same objects while the Port does not change. */
function renderOwned(port: Port, facts: Facts): readonly Owned[] {
  const owner = renderOwner(port, facts);
  if (!owner) return [];
  const before = rendered.get(port);
  if (before && sameOwner(before.owner, owner)) return before.owned;
  const prefixes = [
    ...(port.spec.addresses ?? []).map((text) => mappedHost(parseAddress(text))),
    ...(port.spec.prefixes ?? []).map((text) => mappedPrefix(parsePrefix(text))),
  ];
  const owned = prefixes.map((prefix) => ({ prefix, key: prefixKey(prefix), owner }));
  rendered.set(port, { owner, owned });
  return owned;
}

const rendered = new WeakMap<
  Port,
  { readonly owner: EndpointState['owner']; readonly owned: readonly Owned[] }
>();

function sameOwner(a: EndpointState['owner'], b: EndpointState['owner']): boolean {
  return a.ifindex === b.ifindex && a.flags === b.flags && Buffer.compare(a.vtep, b.vtep) === 0;
}

/** `flags` follow from the class, so the same class of the same Port gives the same object. */
function renderEndpoint(owned: Owned, named: AddressClass): EndpointState {
  const before = endpointOf.get(owned);
  if (before?.classId === named.id) return before;
  const endpoint = { prefix: owned.prefix, classId: named.id, owner: ownerIn(named, owned.owner) };
  endpointOf.set(owned, endpoint);
  return endpoint;
}

const endpointOf = new WeakMap<Owned, EndpointState>();

/** The owner of addresses of a class: a load balancer may send to them. */
function ownerIn({ chains }: AddressClass, owner: EndpointState['owner']): EndpointState['owner'] {
  if (!chains.some(({ behind }) => behind)) return owner;
  return { ...owner, flags: owner.flags | ENDPOINT_F_BACKEND };
}

const NO_OWNER: EndpointState['owner'] = {
  ifindex: 0,
  vtep: new Uint8Array(16),
  mac: new Uint8Array(6),
  flags: 0,
};

/** The endpoint of a load balancer's address. All have one MAC, which pods learn by ARP and ND; the path replaces it. */
const VIRTUAL: EndpointState['owner'] = {
  ...NO_OWNER,
  mac: Uint8Array.of(0x02, 0x68, 0x65, 0x64, 0x64, 0x6c),
  flags: ENDPOINT_F_VIRTUAL,
};

/** Finds the Port with the longest range around a prefix: a chain's range inside a VPN's pool leads to the VPN. */
function indexRanges(owned: readonly Owned[]): (prefix: MappedPrefix) => EndpointState['owner'] {
  const ranges = owned
    .filter(({ prefix }) => prefix.length < MAPPED_BITS)
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return (prefix) => ranges.find((range) => coversMapped(range.prefix, prefix))?.owner ?? NO_OWNER;
}

/** Rules for each pair of classes whose source can be a Port of this node. */
function renderPairs(
  endpoints: ReadonlyMap<string, EndpointState>,
  classOf: ReadonlyMap<string, AddressClass>,
) {
  const classes = new Set<AddressClass>();
  const local = new Set<AddressClass>();
  for (const [key, found] of classOf) {
    if (found === NO_CLASS) continue;
    classes.add(found);
    if (endpoints.get(key)?.owner.ifindex !== 0) local.add(found);
  }
  const ambiguous = new Set<number>();
  const pairs: NetworkState['pairs'][number][] = [];
  for (const source of local) {
    for (const destination of classes) {
      const rendered = renderPairRules(source, destination);
      for (const path of rendered.ambiguous) ambiguous.add(path);
      if (rendered.rules.length === 0) continue;
      pairs.push({
        source: source.id,
        destination: destination.id,
        segments: renderSegments(rendered.rules),
      });
    }
  }
  return { pairs, ambiguous };
}

function markAmbiguous(
  paths: ReadonlyMap<number, PathState>,
  ambiguous: ReadonlySet<number>,
): ReadonlyMap<number, PathState> {
  return new Map(
    [...paths].map(([id, path]) => [
      id,
      ambiguous.has(id) ? { ...path, flags: path.flags | PATH_F_AMBIGUOUS } : path,
    ]),
  );
}
