// SPDX-License-Identifier: Apache-2.0
/** A table of nftables as a value: what `render` says, and what `apply` carries into the kernel. */
export interface Ruleset {
  /** Named counters; they live on through edits as long as their name does. */
  readonly counters: readonly string[];
  readonly sets: ReadonlyMap<string, NamedSet>;
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface NamedSet {
  readonly kind: 'set' | 'map';
  /** The lines of its declaration: `type ipv4_addr`, `flags interval`. A change of them makes it a new set. */
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

/** Fail closed: what is in force until the first ruleset is. */
export const CLOSED: Ruleset = {
  counters: [],
  sets: new Map(),
  chains: new Map([
    ['forward', { hook: 'type filter hook forward priority filter; policy drop;', rules: [] }],
  ]),
};

/** The whole table as the kernel's tool reads it and as a person does. */
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

/** One transaction that puts the table in the place of whatever bears its name. */
export function formatReplacement(ruleset: Ruleset, table = TABLE): string {
  return `table ${table} { }\ndelete table ${table}\n${formatRuleset(ruleset, table)}`;
}

function formatSet(name: string, set: NamedSet): readonly string[] {
  const elements =
    set.elements && set.elements.size > 0 ? [`\telements = ${braced(set.elements, ',\n\t\t  ')}`] : [];
  return [`${set.kind} ${name} {`, ...set.declaration.map((line) => `\t${line}`), ...elements, '}'];
}

/** `{ key : verdict, key : verdict }` */
export function braced(elements: ReadonlyMap<string, string>, separator = ', '): string {
  const parts: string[] = [];
  for (const [key, verdict] of elements) parts.push(verdict === '' ? key : `${key} : ${verdict}`);
  return `{ ${parts.join(separator)} }`;
}
