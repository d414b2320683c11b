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
import type { Family } from './ranges.ts';
import type { NamedSet } from './ruleset.ts';

/** A match, and the chain to which packets that meet it jump. */
export interface Target {
  readonly match: Match;
  readonly chain: string;
}

/** The rules of a chain that finds the targets of a packet in order, and the maps that they look into. */
export interface Lookups {
  readonly rules: readonly string[];
  readonly maps: ReadonlyMap<string, NamedSet>;
}

/** A target with many values in many fields is a rule of its own: its product would swell the maps. */
const MOST_KEYS_OF_A_TARGET = 256;
/** A hash map pays for its lookup from so many keys on; fewer go to the map of ranges. */
const LEAST_KEYS_OF_A_HASH = 32;
/** Every hash map is one lookup more for all packets. */
const MOST_HASHES = 6;

/** Targets (all of one family) as lookups by level; see `assignLevels`. */
export function renderLookups(family: Family, targets: readonly Target[]): Lookups {
  const levels = assignLevels(targets.map((target) => target.match));
  const rules: string[] = [];
  const maps = new Map<string, NamedSet>();
  for (const [level, members] of groupBy(targets, (_, i) => levels[i]!)) {
    const { grouped, single } = groupByFields(members);
    for (const [names, group] of grouped) {
      for (const map of renderMaps(group, { family, prefix: `v${family}-level${level}-${names}` })) {
        rules.push(`${map.key} vmap @${map.name}`);
        maps.set(map.name, map.set);
      }
    }
    for (const { match, chain } of single) {
      rules.push(...renderConditions(match).map((conditions) => `${conditions} jump ${chain}`.trim()));
    }
  }
  return { rules, maps };
}

interface Keyed {
  readonly fields: readonly Field[];
  readonly chain: string;
}

/** Targets that look at the same fields share maps; one alone, and one that fits no map, stay rules. */
function groupByFields(members: readonly Target[]): {
  readonly grouped: ReadonlyMap<string, readonly Keyed[]>;
  readonly single: readonly Target[];
} {
  const byFields = groupBy(members, ({ match }) => {
    const fields = fieldsOf(match);
    const keys = (fields ?? []).reduce((product, field) => product * field.values.length, 1);
    return fields && fields.length > 0 && keys <= MOST_KEYS_OF_A_TARGET
      ? fields.map((field) => field.name).join('-')
      : '';
  });
  const grouped = new Map<string, readonly Keyed[]>();
  const single: Target[] = [];
  for (const [names, group] of byFields) {
    if (names === '' || group.length === 1) single.push(...group);
    else
      grouped.set(
        names,
        group.map(({ match, chain }) => ({ fields: fieldsOf(match)!, chain })),
      );
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
 * Keys whose values are prefixes of the same lengths go into one hash map, found in one step however many they
 * are; the rest into one map of ranges.
 */
function renderMaps(group: readonly Keyed[], context: MapContext): readonly RenderedMap[] {
  const names = group[0]!.fields.map((field) => field.name);
  const entries = group.flatMap(({ fields, chain }) => product(fields).map((values) => ({ values, chain })));
  const shapes = [...groupBy(entries, ({ values }) => values.map(({ prefix }) => prefix ?? '').join('.'))];
  const hashable = shapes
    .filter(([, { 0: entry }]) => entry!.values.every((value) => value.prefix !== undefined))
    .sort(([, a], [, b]) => b.length - a.length);
  const hashed = hashable
    .slice(0, MOST_HASHES)
    .filter(([, members]) => members.length >= LEAST_KEYS_OF_A_HASH || shapes.length === 1);
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
    name: [prefix, ...bits].join('-'),
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

function rangeMap(
  names: readonly FieldName[],
  entries: readonly Entry[],
  { family, prefix }: MapContext,
): RenderedMap {
  return {
    name: `${prefix}-ranges`,
    key: names.map((name) => expressionOf(name, family)).join(' . '),
    set: {
      kind: 'map',
      declaration: [
        `type ${names.map((name) => typeOf(name, family)).join(' . ')} : verdict`,
        'flags interval',
      ],
      elements: new Map(
        entries.map(({ values, chain }) => [values.map((value) => value.text).join(' . '), `jump ${chain}`]),
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
