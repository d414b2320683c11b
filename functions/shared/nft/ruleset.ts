// SPDX-License-Identifier: Apache-2.0
/** A table of nftables as a value: `render` makes it, and `apply` writes it to the kernel. */
export interface Ruleset {
  /** Named counters. A counter keeps its value through edits while its name stays the same. */
  readonly counters: readonly string[];
  readonly sets: ReadonlyMap<string, NamedSet>;
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface NamedSet {
  readonly kind: 'set' | 'map';
  /**
   * The lines of the set's declaration: `type ipv4_addr`, `flags interval`. A changed declaration makes it a new set.
   */
  readonly declaration: readonly string[];
  /** Key -> verdict in a map, key -> '' in a set. Absent: the kernel fills it from packets. */
  readonly elements?: ReadonlyMap<string, string>;
}

export interface Chain {
  /** `type filter hook forward priority filter; policy drop;` for a base chain. */
  readonly hook?: string;
  readonly rules: readonly string[];
}

/** The table of every function that filters. */
export const TABLE = 'inet heddle';

/** Fails closed: the ruleset that is in force before the first one. */
export const CLOSED: Ruleset = {
  counters: [],
  sets: new Map(),
  chains: new Map([
    ['forward', { hook: 'type filter hook forward priority filter; policy drop;', rules: [] }],
  ]),
};

/** Formats the whole table for nft, in a form that people can read too. */
export function formatRuleset(ruleset: Ruleset, table = TABLE): string {
  const lines = [`table ${table} {`];
  for (const name of ruleset.counters) lines.push(`\tcounter ${name} { }`);
  for (const [name, set] of ruleset.sets) lines.push('', ...formatSet(name, set).map((line) => `\t${line}`));
  for (const [name, chain] of ruleset.chains) {
    const hook = chain.hook ? [`\t\t${chain.hook}`] : [];
    lines.push('', `\tchain ${name} {`, ...hook, ...chain.rules.map((rule) => `\t\t${rule}`), '\t}');
  }
  lines.push('}', '');
  return lines.join('\n');
}

/** Formats one transaction that replaces the table of this name, if it exists. */
export function formatReplacement(ruleset: Ruleset, table = TABLE): string {
  return `table ${table} { }\ndelete table ${table}\n${formatRuleset(ruleset, table)}`;
}

function formatSet(name: string, set: NamedSet): readonly string[] {
  const elements =
    set.elements && set.elements.size > 0 ? [`\telements = ${braced(set.elements, ',\n\t\t  ')}`] : [];
  return [`${set.kind} ${name} {`, ...set.declaration.map((line) => `\t${line}`), ...elements, '}'];
}

/** Formats elements: `{ key : verdict, key : verdict }`. */
export function braced(elements: ReadonlyMap<string, string>, separator = ', '): string {
  const parts: string[] = [];
  for (const [key, verdict] of elements) parts.push(verdict === '' ? key : `${key} : ${verdict}`);
  return `{ ${parts.join(separator)} }`;
}
