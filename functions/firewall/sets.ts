// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../api/field-error.ts';
import type { FirewallRule, FirewallSet, FirewallSpec } from '../../api/index.ts';
import { FAMILIES } from '../../api/net/address.ts';
import { type AddressRange, formatRange, parseRange } from '../../api/net/range.ts';
import { mergeRanges } from '../../api/net/range-set.ts';
import { selectedPodsEntry } from '../../api/selected-pods.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import { type AddressList, parseConfigMap, type TextSource } from './address-list.ts';
import { podsKey, podsSetName, setName } from './names.ts';
import { type PodsBySelector, parseSelectedPods, podElements } from './selected-pods.ts';

/** An object of the API that contains text, and its version. */
export interface TextObject extends TextSource {
  readonly metadata?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

export interface SetInputs {
  readonly configMaps: ReadonlyMap<string, TextObject>;
  readonly selectedPods: TextObject | undefined;
  /** What the list of each set last held, as the operator keeps it. */
  readonly kept?: ReadonlyMap<string, TextObject> | undefined;
}

export interface ResolvedSets {
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Sets whose lists are in force as their ConfigMaps are now. */
  readonly read: readonly string[];
  /** Sets that cannot be read now, or not whole. Their last good content is used, or the lines that are good. */
  readonly stale: readonly FieldError[];
  /** Sets that were never read successfully: without them the rules would have another meaning. */
  readonly missing: readonly FieldError[];
}

type Families = ReadonlyMap<string, NamedSet>;

/** What a source holds. `complaint` says what of it was left out. */
interface Content {
  readonly families: Families;
  readonly complaint?: string | undefined;
}

/**
 * Reads the address sets that rules name. It remembers what it read: a list of 100,000 addresses is parsed once, and a
 * list that breaks leaves what it held before in force. That is what the operator keeps of it, so that all instances use
 * the same, those too that start later; and what this instance has read before while the operator keeps nothing.
 */
export class SetReader {
  readonly #known = new Map<string, Known>();

  resolve(spec: FirewallSpec, inputs: SetInputs): ResolvedSets {
    const sets = new Map<string, NamedSet>();
    const read: string[] = [];
    const stale: FieldError[] = [];
    const missing: FieldError[] = [];
    const used = new Set<string>();
    for (const source of sourcesOf(spec, inputs)) {
      used.add(source.id);
      const error = this.#read(source);
      const known = this.#known.get(source.id);
      if (source.list !== undefined && known && known.kept === undefined && known.version === source.version)
        read.push(source.list);
      if (error) (known ? stale : missing).push({ field: source.field, message: error });
      for (const [name, set] of known?.families ?? []) sets.set(name, set);
    }
    for (const id of this.#known.keys()) if (!used.has(id)) this.#known.delete(id);
    return { sets, read, stale, missing };
  }

  #read(source: Source): string | undefined {
    const { version, kept } = source;
    const known = this.#known.get(source.id);
    if (known?.version === version && (known.kept === undefined || known.kept === kept?.version)) {
      return known.complaint;
    }
    try {
      const content = source.read(known !== undefined || kept !== undefined);
      this.#known.set(source.id, { ...content, version, kept: undefined });
      return content.complaint;
    } catch (error) {
      const complaint = (error as Error).message;
      const families = kept?.read();
      if (families) this.#known.set(source.id, { families, complaint, version, kept: kept?.version });
      return complaint;
    }
  }
}

interface Known extends Content {
  /** The version of the source that was read or, if it cannot be read, in whose place this is used. */
  readonly version: string;
  /** The version of what the operator keeps, if that is used. */
  readonly kept: string | undefined;
}

/** What the operator keeps of a list. */
interface Kept {
  readonly version: string;
  /** Undefined if it cannot be read either. */
  read(): Families | undefined;
}

interface Source {
  readonly id: string;
  readonly version: string;
  readonly field: string;
  /** The set whose list it is; undefined when it is in no ConfigMap. */
  readonly list?: string | undefined;
  readonly kept?: Kept | undefined;
  /**
   * Reads the content. Throws an error that says why its last good content, if there is one (`hasKnown`), stays.
   */
  read(hasKnown: boolean): Content;
}

function sourcesOf(spec: FirewallSpec, inputs: SetInputs): readonly Source[] {
  const endpoints = (spec.rules ?? []).flatMap(endpointsOf);
  const named = new Set(
    endpoints.flatMap(({ endpoint }) => (endpoint.set === undefined ? [] : [endpoint.set])),
  );
  const found = once(() => readSelectedPods(inputs.selectedPods));
  const selected = new Map(
    endpoints.filter(({ endpoint }) => endpoint.podSelector).map((each) => [podsKey(each.endpoint), each]),
  );
  return [
    ...(spec.sets ?? []).flatMap((set, i) => (named.has(set.name) ? [namedSource(set, i, inputs)] : [])),
    ...[...selected].map(([key, { endpoint, field }]) =>
      selectorSource({ key, endpoint, field, version: versionOf(inputs.selectedPods) }, found),
    ),
  ];
}

type Endpoint = NonNullable<FirewallRule['source']>;

function endpointsOf(
  rule: FirewallRule,
  index: number,
): readonly { readonly endpoint: Endpoint; readonly field: string }[] {
  return (['source', 'destination'] as const).flatMap((side) => {
    const endpoint = rule[side];
    return endpoint ? [{ endpoint, field: `spec.rules[${index}].${side}` }] : [];
  });
}

function namedSource(set: FirewallSet, index: number, inputs: SetInputs): Source {
  const map = set.configMapRef && inputs.configMaps.get(set.configMapRef.name);
  return {
    id: `set ${set.name}`,
    version: JSON.stringify([set, versionOf(map)]),
    field: `spec.sets[${index}]${set.configMapRef ? '.configMapRef' : ''}`,
    ...(set.configMapRef && { list: set.name, kept: keptOf(set, inputs) }),
    read: (hasKnown) => {
      const inline = (set.cidrs ?? []).map(parseRange);
      if (!set.configMapRef) return { families: namedFamilies(set.name, inline) };
      const { name, key } = set.configMapRef;
      if (!map)
        throw new Error(`set ${set.name}: there is no ConfigMap ${name}; make it, or take the set out`);
      const list = readList(set.name, () => parseConfigMap(name, map, key));
      const complaint = judgeList(set, list, hasKnown);
      return { families: namedFamilies(set.name, [...inline, ...list.ranges]), complaint };
    },
  };
}

/** What the operator keeps of the list of a set, with the addresses of the spec. Instances have used it before. */
function keptOf(set: FirewallSet, { kept }: SetInputs): Kept | undefined {
  const map = kept?.get(set.name);
  return (
    map && {
      version: versionOf(map),
      read: () => {
        const list = tryRead(() => parseConfigMap(set.name, map, undefined));
        if (!list || list.badLines * 2 > list.lines) return undefined;
        const { ranges } = list;
        return namedFamilies(set.name, [...(set.cidrs ?? []).map(parseRange), ...ranges]);
      },
    }
  );
}

function tryRead(read: () => AddressList): AddressList | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function readList(set: string, read: () => AddressList): AddressList {
  try {
    return read();
  } catch (error) {
    throw new Error(`set ${set}: ${(error as Error).message}`);
  }
}

/**
 * What is to be told about a list; nothing when all of its lines are good. Throws when the list is not to be used. More
 * bad lines than good ones are no list: a page with an error in place of a feed must not empty a set.
 */
function judgeList(set: FirewallSet, list: AddressList, hasKnown: boolean): string | undefined {
  const { lines, badLines, bad } = list;
  if (badLines === 0) return undefined;
  const said = `set ${set.name}: ${badLines} of ${lines} lines cannot be read: ${bad.join('; ')}`;
  if (badLines * 2 > lines) throw new Error(`${said}; this is most of the list, so none of it is used`);
  if (set.onInvalid === 'Keep' && hasKnown) throw new Error(`${said}; the last good contents stay`);
  return `${said}; the other lines are used`;
}

/**
 * Splits a family of a set into two sets in the kernel: single addresses in a hash, where the cost of an update depends
 * on its own size, and ranges, where nft reads the whole set before each change.
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
    readonly endpoint: Endpoint;
    readonly field: string;
    readonly version: string;
  },
  selectedPods: () => PodsBySelector,
): Source {
  const { key, endpoint, field, version } = selected;
  return {
    id: `pods ${key}`,
    version,
    field: `${field}.podSelector`,
    read: () => {
      const found = selectedPods().get(key);
      if (!found) throw new Error('the operator has not yet resolved this selector to pods');
      const families = new Map<string, NamedSet>(
        FAMILIES.map((family) => [
          podsSetName(endpoint, family),
          {
            kind: 'set',
            declaration: [`type mark . ipv${family}_addr`],
            elements: podElements(found, family),
          },
        ]),
      );
      return { families };
    },
  };
}

function readSelectedPods(map: TextObject | undefined): PodsBySelector {
  const text = map?.data?.[selectedPodsEntry];
  return text === undefined ? new Map() : parseSelectedPods(text);
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
