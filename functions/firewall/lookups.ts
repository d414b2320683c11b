// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import { renderConditions } from './conditions.ts';
import {
  expressionOf,
  type Field,
  type FieldName,
  type FieldValue,
  fieldsOf,
  isExact,
  maskedExpressionOf,
  typeOf,
} from './fields.ts';
import { assignLevels } from './levels.ts';
import type { Match } from './match.ts';

/** A match, and the chain to which packets that meet it jump. */
export interface Target {
  readonly match: Match;
  readonly chain: string;
  /** Whether the chain may send a packet back: it has a rate. */
  readonly returns: boolean;
}

/** Rules of a chain that finds the targets of a packet in order, and the maps that they use. */
export interface Lookups {
  readonly rules: readonly string[];
  readonly maps: ReadonlyMap<string, NamedSet>;
}

/**
 * A target with many values in many fields is a rule of its own: the product of its values would make the maps too
 * large.
 */
const MOST_KEYS_OF_A_TARGET = 256;
/**
 * From this number of keys on, a hash map is worth it. It is one more lookup for every packet (some 160 ns), and each
 * key that it takes out of the map of ranges saves every packet a little (some 0.08 ns in IPv4, 0.4 ns in IPv6).
 */
const LEAST_KEYS_OF_A_HASH: Readonly<Record<Family, number>> = { 4: 2048, 6: 400 };

/** Renders targets (all of one family) as lookups by level; see `assignLevels`. */
export function renderLookups(family: Family, targets: readonly Target[]): Lookups {
  const levels = assignLevels(targets.map((target) => target.match));
  const rules: string[] = [];
  const maps = new Map<string, NamedSet>();
  for (const [level, members] of groupBy(targets, (_, i) => levels[i]!)) {
    const { grouped, single } = groupByFields(members);
    for (const group of grouped) {
      for (const map of renderMaps(group, { family, prefix: `v${family}-level${level}` })) {
        rules.push(`${map.key} vmap @${map.name}`);
        maps.set(map.name, map.set);
      }
    }
    for (const { match, chain, returns } of single) {
      rules.push(
        ...renderConditions(match, returns).map((conditions) => `${conditions} jump ${chain}`.trim()),
      );
    }
  }
  return { rules, maps };
}

interface Keyed {
  readonly fields: readonly Field[];
  readonly chain: string;
}

/**
 * Groups targets that look at the same fields, so that they share maps. A single target, or one that fits no map, stays
 * a rule.
 */
function groupByFields(members: readonly Target[]): {
  readonly grouped: readonly (readonly Keyed[])[];
  readonly single: readonly Target[];
} {
  const byFields = groupBy(members, ({ match }) => {
    const fields = fieldsOf(match);
    const keys = (fields ?? []).reduce((product, field) => product * field.values.length, 1);
    return fields && fields.length > 0 && keys <= MOST_KEYS_OF_A_TARGET
      ? fields.map((field) => field.name).join('-')
      : '';
  });
  const grouped: (readonly Keyed[])[] = [];
  const single: Target[] = [];
  for (const [names, group] of byFields) {
    if (names === '' || group.length === 1) single.push(...group);
    else grouped.push(group.map(({ match, chain }) => ({ fields: fieldsOf(match)!, chain })));
  }
  return { grouped, single };
}

interface RenderedMap {
  readonly name: string;
  readonly key: string;
  readonly set: NamedSet;
}

interface MapContext {
  readonly family: Family;
  readonly prefix: string;
}

interface Entry {
  readonly values: readonly FieldValue[];
  readonly chain: string;
}

/**
 * The maps of a group. Keys whose values are prefixes of the same lengths go into one hash map, where a lookup takes
 * one step however many they are. The rest goes into one map of ranges.
 */
function renderMaps(group: readonly Keyed[], context: MapContext): readonly RenderedMap[] {
  const names = group[0]!.fields.map((field) => field.name);
  const entries = group.flatMap(({ fields, chain }) => product(fields).map((values) => ({ values, chain })));
  const shapes = [...groupBy(entries, ({ values }) => values.map(({ prefix }) => prefix ?? '').join('.'))];
  const hashed = shapes.filter(
    ([, members]) =>
      members[0]!.values.every((value) => value.prefix !== undefined) &&
      (members.length >= LEAST_KEYS_OF_A_HASH[context.family] || shapes.length === 1),
  );
  const rest = shapes.filter((shape) => !hashed.includes(shape)).flatMap(([, members]) => members);
  const maps = hashed.map(([, members]) => hashMap(names, members, context));
  return rest.length === 0 ? maps : [...maps, rangeMap(names, rest, context)];
}

function hashMap(
  names: readonly FieldName[],
  entries: readonly Entry[],
  { family, prefix }: MapContext,
): RenderedMap {
  const lengths = entries[0]!.values.map((value) => value.prefix!);
  const bits = names.flatMap((name, i) => (isExact(name, family, lengths[i]) ? [] : [lengths[i]]));
  return {
    name: [prefix, ...names, ...bits].join('-'),
    key: names.map((name, i) => maskedExpressionOf(name, family, lengths[i]!)).join(' . '),
    set: {
      kind: 'map',
      declaration: [`type ${names.map((name) => typeOf(name, family)).join(' . ')} : verdict`],
      elements: new Map(
        entries.map(({ values, chain }) => [
          values.map((value) => value.text.replace(/\/.*/, '')).join(' . '),
          `jump ${chain}`,
        ]),
      ),
    },
  };
}

/**
 * The map of ranges of a group. The field with the most different values comes first in the key. The kernel narrows a
 * lookup field by field, and walks through all elements that are left after each field: with thousands of rules that
 * begin with "TCP", every packet would walk through them all.
 */
function rangeMap(
  names: readonly FieldName[],
  entries: readonly Entry[],
  { family, prefix }: MapContext,
): RenderedMap {
  const different = names.map((_, i) => new Set(entries.map(({ values }) => values[i]!.text)).size);
  const order = names.map((_, i) => i).sort((a, b) => different[b]! - different[a]!);
  const ordered = order.map((i) => names[i]!);
  return {
    name: `${prefix}-${ordered.join('-')}-ranges`,
    key: ordered.map((name) => expressionOf(name, family)).join(' . '),
    set: {
      kind: 'map',
      declaration: [
        `type ${ordered.map((name) => typeOf(name, family)).join(' . ')} : verdict`,
        'flags interval',
      ],
      elements: new Map(
        entries.map(({ values, chain }) => [order.map((i) => values[i]!.text).join(' . '), `jump ${chain}`]),
      ),
    },
  };
}

function product(fields: readonly Field[]): readonly (readonly FieldValue[])[] {
  return fields.reduce<readonly (readonly FieldValue[])[]>(
    (rows, field) => rows.flatMap((row) => field.values.map((value) => [...row, value])),
    [[]],
  );
}

/** Groups in the order of their keys: numbers rise, texts by their letters. */
function groupBy<T, K extends string | number>(
  items: readonly T[],
  keyOf: (item: T, index: number) => K,
): ReadonlyMap<K, T[]> {
  const groups = new Map<K, T[]>();
  items.forEach((item, i) => {
    const key = keyOf(item, i);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  });
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
