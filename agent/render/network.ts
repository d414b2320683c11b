import type { Port } from '../../operator/api/index.ts';
import { type Chain, comparePrecedence } from './chain.ts';
import { type AddressClass, classify, elementaryPrefixes, NO_CLASS } from './classes.ts';
import { type Facts, renderOwner } from './facts.ts';
import { type Endpoint, PATH_F_AMBIGUOUS, type Rules } from './generated/layout.ts';
import { parseMappedAddress, parseMappedCidr } from './mapped.ts';
import { type PathState, renderPaths } from './paths.ts';
import { ADDRESS_BITS, covers, type Prefix, prefixKey } from './prefix.ts';
import { renderPairRules, renderSegments } from './rules.ts';

/** An address or range of a network, its class apart: the kernel keeps classes in two banks. */
export interface EndpointState {
  readonly prefix: Prefix;
  readonly classId: bigint;
  readonly owner: Omit<Endpoint, 'classId'>;
}

/** All that the kernel of this node holds of one network, as values. */
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
}

export interface NetworkInput {
  readonly vni: number;
  readonly mtu: number;
  readonly ports: readonly Port[];
  readonly chains: readonly Chain[];
  readonly facts: Facts;
}

/** Renders a network for this node. Deterministic: same input, same state, on every start of the agent. */
export function renderNetwork({ vni, mtu, ports, chains, facts }: NetworkInput): NetworkState {
  const ordered = [...chains].sort(comparePrecedence);
  const classOf = classify(vni, ordered);
  const owned = renderOwned(ports, facts);
  const ownerOf = indexOwners(owned);
  const found = new Map<string, { endpoint: EndpointState; class: AddressClass }>();
  for (const prefix of [...elementaryPrefixes(ordered), ...owned.map((each) => each.prefix)]) {
    const named = classOf(prefix);
    found.set(prefixKey(prefix), {
      endpoint: { prefix, classId: named.id, owner: ownerOf(prefix) },
      class: named,
    });
  }
  const { pairs, ambiguous } = renderPairs([...found.values()]);
  return {
    vni,
    mtu,
    endpoints: new Map([...found].map(([key, { endpoint }]) => [key, endpoint])),
    pairs,
    paths: markAmbiguous(renderPaths(ordered, facts), ambiguous),
  };
}

interface Owned {
  readonly prefix: Prefix;
  readonly owner: EndpointState['owner'];
}

/** Addresses of Ports, and the ranges that Ports own besides. */
function renderOwned(ports: readonly Port[], facts: Facts): readonly Owned[] {
  return ports.flatMap((port) => {
    const owner = renderOwner(port, facts);
    if (!owner) return [];
    const prefixes = [
      ...(port.spec.addresses ?? []).map(parseMappedAddress),
      ...(port.spec.prefixes ?? []).map(parseMappedCidr),
    ];
    return prefixes.map((prefix) => ({ prefix, owner }));
  });
}

const NO_OWNER: EndpointState['owner'] = {
  ifindex: 0,
  vtep: new Uint8Array(16),
  mac: new Uint8Array(6),
  flags: 0,
};

/** Finds the Port with the longest range around a prefix: a chain's range inside a VPN's pool leads to the VPN. */
function indexOwners(owned: readonly Owned[]): (prefix: Prefix) => EndpointState['owner'] {
  const exact = new Map(owned.map(({ prefix, owner }) => [prefixKey(prefix), owner]));
  const ranges = owned
    .filter(({ prefix }) => prefix.length < ADDRESS_BITS)
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return (prefix) =>
    exact.get(prefixKey(prefix)) ?? ranges.find((range) => covers(range.prefix, prefix))?.owner ?? NO_OWNER;
}

/** Rules for each pair of classes whose source can be a Port of this node. */
function renderPairs(endpoints: readonly { endpoint: EndpointState; class: AddressClass }[]) {
  const classes = new Map<bigint, AddressClass>();
  const local = new Map<bigint, AddressClass>();
  for (const { endpoint, class: found } of endpoints) {
    if (found === NO_CLASS) continue;
    classes.set(found.id, found);
    if (endpoint.owner.ifindex !== 0) local.set(found.id, found);
  }
  const ambiguous = new Set<number>();
  const pairs: NetworkState['pairs'][number][] = [];
  for (const source of local.values()) {
    for (const destination of classes.values()) {
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
