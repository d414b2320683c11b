// SPDX-License-Identifier: Apache-2.0
import { braced, type Chain, type NamedSet, type Ruleset, TABLE } from './ruleset.ts';

/**
 * The commands that turn one ruleset into another: only the differences, empty when there are none. The order matters
 * inside a transaction: a name must exist before a rule refers to it, and no rule may refer to what is deleted.
 */
export function diffRulesets(from: Ruleset, to: Ruleset): string {
  const sets = compareSets(from.sets, to.sets);
  const isSame = (a: Chain, b: Chain | undefined): boolean => sameRules(a, b) && !namesAny(a, sets.remade);
  const commands = [
    ...addedCounters(from, to),
    ...addedChains(from.chains, to.chains),
    ...emptiedChains(from.chains, to.chains, isSame),
    ...sets.removed,
    ...sets.added,
    ...filledChains(from.chains, to.chains, isSame),
    ...removedChains(from.chains, to.chains),
    ...removedCounters(from, to),
  ];
  return commands.length === 0 ? '' : `${commands.join('\n')}\n`;
}

function addedCounters(from: Ruleset, to: Ruleset): readonly string[] {
  const had = new Set(from.counters);
  return to.counters.filter((name) => !had.has(name)).map((name) => `add counter ${TABLE} ${name}`);
}

function removedCounters(from: Ruleset, to: Ruleset): readonly string[] {
  const has = new Set(to.counters);
  return from.counters.filter((name) => !has.has(name)).map((name) => `delete counter ${TABLE} ${name}`);
}

type Chains = ReadonlyMap<string, Chain>;
/** Whether a chain may stay as it is in the kernel. */
type IsSame = (a: Chain, b: Chain | undefined) => boolean;

function addedChains(from: Chains, to: Chains): readonly string[] {
  return [...to]
    .filter(([name]) => !from.has(name))
    .map(([name, chain]) => `add chain ${TABLE} ${name}${chain.hook ? ` { ${chain.hook} }` : ''}`);
}

/** Flushes each chain that changes or is deleted, so that no rule refers to what is deleted after it. */
function emptiedChains(from: Chains, to: Chains, isSame: IsSame): readonly string[] {
  return [...from]
    .filter(([name, chain]) => chain.rules.length > 0 && !isSame(chain, to.get(name)))
    .map(([name]) => `flush chain ${TABLE} ${name}`);
}

function filledChains(from: Chains, to: Chains, isSame: IsSame): readonly string[] {
  return [...to]
    .filter(([name, chain]) => !isSame(chain, from.get(name)))
    .flatMap(([name, chain]) => chain.rules.map((rule) => `add rule ${TABLE} ${name} ${rule}`));
}

function removedChains(from: Chains, to: Chains): readonly string[] {
  return [...from.keys()].filter((name) => !to.has(name)).map((name) => `delete chain ${TABLE} ${name}`);
}

function sameRules(a: Chain, b: Chain | undefined): boolean {
  return (
    b !== undefined && a.rules.length === b.rules.length && a.rules.every((rule, i) => rule === b.rules[i])
  );
}

/** Whether a rule of the chain refers to one of these sets. */
function namesAny(chain: Chain, sets: ReadonlySet<string>): boolean {
  if (sets.size === 0) return false;
  return chain.rules.some((rule) => [...rule.matchAll(/@([\w.-]+)/g)].some(([, name]) => sets.has(name!)));
}

type Sets = ReadonlyMap<string, NamedSet>;

interface SetChanges {
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** Sets that are deleted and made again under the same name: the rules that refer to them are written again too. */
  readonly remade: ReadonlySet<string>;
}

/**
 * Compares sets. All removals come before all additions, so an address that moves to another range is never there
 * twice.
 */
function compareSets(from: Sets, to: Sets): SetChanges {
  const removed: string[] = [];
  const added: string[] = [];
  const remade = new Set<string>();
  for (const [name, set] of from) {
    const next = to.get(name);
    const change = next && elementsThatDiffer(set, next);
    if (change) {
      const { gone, fresh } = change;
      if (gone.size > 0) removed.push(`delete element ${TABLE} ${name} ${braced(keysOnly(gone))}`);
      if (fresh.size > 0) added.push(`add element ${TABLE} ${name} ${braced(fresh)}`);
    } else {
      removed.push(`delete ${set.kind} ${TABLE} ${name}`);
      if (next) remade.add(name);
    }
  }
  for (const [name, set] of to) if (!from.has(name) || remade.has(name)) added.push(addedSet(name, set));
  return { removed, added, remade };
}

/**
 * The elements that turn one set into another. Undefined if the set has to be made again: its declaration changes, or
 * ranges leave it. nft 1.0.6 reads such a set whole before any change, and then needs up to half a second for each range
 * of 100,000 that leaves (300 of them: 75 s); to make the set again takes less than a second.
 */
function elementsThatDiffer(
  from: NamedSet,
  to: NamedSet,
): { readonly gone: Elements; readonly fresh: Elements } | undefined {
  if (!sameDeclaration(from, to)) return undefined;
  const gone = missingFrom(to.elements, from.elements);
  if (gone.size > 0 && from.declaration.includes('flags interval')) return undefined;
  return { gone, fresh: missingFrom(from.elements, to.elements) };
}

/** One command with all elements: nft 1.0.6 takes twice as long for a set and elements apart. */
function addedSet(name: string, { kind, declaration, elements }: NamedSet): string {
  const parts = declaration.map((line) => `${line};`);
  if (elements && elements.size > 0) parts.push(`elements = ${braced(elements)};`);
  return `add ${kind} ${TABLE} ${name} { ${parts.join(' ')} }`;
}

function sameDeclaration(a: NamedSet, b: NamedSet): boolean {
  return a.kind === b.kind && a.declaration.join(';') === b.declaration.join(';');
}

type Elements = ReadonlyMap<string, string>;
const NONE: Elements = new Map();

/** The elements of `b` that `a` does not have, or has with another verdict. */
function missingFrom(a: Elements = NONE, b: Elements = NONE): Elements {
  if (a === b) return NONE;
  const missing = new Map<string, string>();
  for (const [key, verdict] of b) if (a.get(key) !== verdict) missing.set(key, verdict);
  return missing;
}

function keysOnly(elements: Elements): Elements {
  return new Map([...elements.keys()].map((key) => [key, '']));
}
