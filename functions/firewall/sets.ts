import type { FieldError } from '../../api/field-error.ts';
import type { FirewallRule, FirewallSet, FirewallSpec } from '../../api/index.ts';
import { FAMILIES } from '../../api/net/address.ts';
import { type AddressRange, formatRange, parseRange } from '../../api/net/range.ts';
import { mergeRanges } from '../../api/net/range-set.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import { parseConfigMap, type TextSource } from './address-list.ts';
import { peersSetName, podsKey, setName } from './names.ts';
import { type Peers, parsePeers, peerElements } from './peers.ts';

/** An object of the API with text, and the version of it. */
export interface TextObject extends TextSource {
  readonly metadata?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

export interface SetInputs {
  readonly configMaps: ReadonlyMap<string, TextObject>;
  readonly peers: TextObject | undefined;
}

export interface ResolvedSets {
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Sets that could not be read. Their last good content stands in, where there is one. */
  readonly stale: readonly FieldError[];
  /** Sets that could not be read and never were: without them the rules would not mean what they say. */
  readonly missing: readonly FieldError[];
}

type Families = ReadonlyMap<string, NamedSet>;

/**
 * Reads the address sets that rules name. It remembers what it read: a list of 100,000 addresses is parsed once,
 * and a list that breaks leaves what it held before in force.
 */
export class SetReader {
  readonly #known = new Map<string, { readonly version: string; readonly families: Families }>();

  resolve(spec: FirewallSpec, inputs: SetInputs): ResolvedSets {
    const sets = new Map<string, NamedSet>();
    const stale: FieldError[] = [];
    const missing: FieldError[] = [];
    const used = new Set<string>();
    for (const source of sourcesOf(spec, inputs)) {
      used.add(source.id);
      const error = this.#read(source);
      const known = this.#known.get(source.id);
      if (error) (known ? stale : missing).push({ field: source.field, message: error });
      for (const [name, set] of known?.families ?? []) sets.set(name, set);
    }
    for (const id of this.#known.keys()) if (!used.has(id)) this.#known.delete(id);
    return { sets, stale, missing };
  }

  #read(source: Source): string | undefined {
    if (this.#known.get(source.id)?.version === source.version) return undefined;
    try {
      this.#known.set(source.id, { version: source.version, families: source.read() });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}

interface Source {
  readonly id: string;
  readonly version: string;
  readonly field: string;
  /** Throws what is wrong with it. */
  read(): Families;
}

function sourcesOf(spec: FirewallSpec, inputs: SetInputs): readonly Source[] {
  const peers = (spec.rules ?? []).flatMap(peersOf);
  const named = new Set(peers.flatMap(({ peer }) => (peer.set === undefined ? [] : [peer.set])));
  const found = once(() => readPeers(inputs.peers));
  const selected = new Map(
    peers.filter(({ peer }) => peer.podSelector).map((each) => [podsKey(each.peer), each]),
  );
  return [
    ...(spec.sets ?? []).flatMap((set, i) => (named.has(set.name) ? [namedSource(set, i, inputs)] : [])),
    ...[...selected].map(([key, { peer, field }]) =>
      selectorSource({ key, peer, field, version: versionOf(inputs.peers) }, found),
    ),
  ];
}

type Peer = NonNullable<FirewallRule['source']>;

function peersOf(
  rule: FirewallRule,
  index: number,
): readonly { readonly peer: Peer; readonly field: string }[] {
  return (['source', 'destination'] as const).flatMap((side) => {
    const peer = rule[side];
    return peer ? [{ peer, field: `spec.rules[${index}].${side}` }] : [];
  });
}

function namedSource(set: FirewallSet, index: number, inputs: SetInputs): Source {
  const map = set.configMapRef && inputs.configMaps.get(set.configMapRef.name);
  return {
    id: `set ${set.name}`,
    version: JSON.stringify([set, versionOf(map)]),
    field: `spec.sets[${index}]${set.configMapRef ? '.configMapRef' : ''}`,
    read: () => {
      const inline = (set.cidrs ?? []).map(parseRange);
      if (!set.configMapRef) return namedFamilies(set.name, inline);
      const { name, key } = set.configMapRef;
      if (!map)
        throw new Error(`set ${set.name}: there is no ConfigMap ${name}; make it, or take the set out`);
      try {
        return namedFamilies(set.name, [...inline, ...parseConfigMap(name, map, key)]);
      } catch (error) {
        throw new Error(`set ${set.name}: ${(error as Error).message}`);
      }
    },
  };
}

/**
 * A family of a set is two sets in the kernel: single addresses in a hash, where a change costs what changed, and
 * ranges, of which nft reads all before it changes one.
 */
function namedFamilies(name: string, ranges: readonly AddressRange[]): Families {
  return new Map(
    FAMILIES.flatMap((family): [string, NamedSet][] => {
      const own = ranges.filter((range) => range.family === family);
      const hosts = own.filter((range) => range.first === range.last);
      const nets = mergeRanges(own.filter((range) => range.first !== range.last));
      const type = `type ipv${family}_addr`;
      return [
        [setName(name, family, 'hosts'), { kind: 'set', declaration: [type], elements: elementsOf(hosts) }],
        [
          setName(name, family, 'ranges'),
          { kind: 'set', declaration: [type, 'flags interval'], elements: elementsOf(nets) },
        ],
      ];
    }),
  );
}

function elementsOf(ranges: readonly AddressRange[]): ReadonlyMap<string, string> {
  return new Map(ranges.map((range) => [formatRange(range), '']));
}

function selectorSource(
  selected: {
    readonly key: string;
    readonly peer: Peer;
    readonly field: string;
    readonly version: string;
  },
  peers: () => Peers,
): Source {
  const { key, peer, field, version } = selected;
  return {
    id: `pods ${key}`,
    version,
    field: `${field}.podSelector`,
    read: () => {
      const found = peers().get(key);
      if (!found) throw new Error('the operator has not yet said which pods this selector means');
      return new Map(
        FAMILIES.map((family) => [
          peersSetName(peer, family),
          {
            kind: 'set',
            declaration: [`type mark . ipv${family}_addr`],
            elements: peerElements(found, family),
          },
        ]),
      );
    },
  };
}

function readPeers(map: TextObject | undefined): Peers {
  const text = map?.data?.['peers.json'];
  return text === undefined ? new Map() : parsePeers(text);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function versionOf(object: TextObject | undefined): string {
  return `${object?.metadata?.uid ?? ''}/${object?.metadata?.resourceVersion ?? ''}`;
}
