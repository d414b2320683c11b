// SPDX-License-Identifier: Apache-2.0
import { braced, type Chain, type NamedSet, type Ruleset, TABLE } from './ruleset.ts';

/**
 * The commands that turn one ruleset into another: only the differences, empty when there are none. The order matters
 * inside a transaction: a name must exist before a rule refers to it, and no rule may refer to what is deleted.
 */
export function diffRulesets(from: Ruleset, to: Ruleset): string {
  const sets = compareSets(from.sets, to.sets);
  const commands = [
    ...addedCounters(from, to),
    ...addedChains(from.chains, to.chains),
    ...emptiedChains(from.chains, to.chains),
    ...sets.removed,
    ...sets.added,
    ...filledChains(from.chains, to.chains),
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

function addedChains(from: Chains, to: Chains): readonly string[] {
  return [...to]
    .filter(([name]) => !from.has(name))
    .map(([name, chain]) => `add chain ${TABLE} ${name}${chain.hook ? ` { ${chain.hook} }` : ''}`);
}

/** Flushes each chain that changes or is deleted, so that no rule refers to what is deleted after it. */
function emptiedChains(from: Chains, to: Chains): readonly string[] {
  return [...from]
    .filter(([name, chain]) => chain.rules.length > 0 && !sameRules(chain, to.get(name)))
    .map(([name]) => `flush chain ${TABLE} ${name}`);
}

function filledChains(from: Chains, to: Chains): readonly string[] {
  return [...to]
    .filter(([name, chain]) => !sameRules(chain, from.get(name)))
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

type Sets = ReadonlyMap<string, NamedSet>;

/**
 * Compares sets. All removals come before all additions, so an address that moves to another range is never there
 * twice.
 */
function compareSets(
  from: Sets,
  to: Sets,
): { readonly removed: readonly string[]; readonly added: readonly string[] } {
  const removed: string[] = [];
  const added: string[] = [];
  for (const [name, set] of from) {
    const next = to.get(name);
    if (next && sameDeclaration(set, next)) {
      const gone = missingFrom(next.elements, set.elements);
      if (gone.size > 0) removed.push(`delete element ${TABLE} ${name} ${braced(keysOnly(gone))}`);
      const fresh = missingFrom(set.elements, next.elements);
      if (fresh.size > 0) added.push(`add element ${TABLE} ${name} ${braced(fresh)}`);
    } else {
      removed.push(`delete ${set.kind} ${TABLE} ${name}`);
    }
  }
  for (const [name, set] of to) {
    const previous = from.get(name);
    if (previous && sameDeclaration(previous, set)) continue;
    added.push(`add ${set.kind} ${TABLE} ${name} { ${set.declaration.map((line) => `${line};`).join(' ')} }`);
    if (set.elements && set.elements.size > 0) {
      added.push(`add element ${TABLE} ${name} ${braced(set.elements)}`);
    }
  }
  return { removed, added };
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
