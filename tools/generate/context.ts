// SPDX-License-Identifier: Apache-2.0
/**
 * Pure: renders what the data path and the rest of Heddle must agree on, from the text of `agent/bpf/maps.h`: the
 * encoding of a packet's context and the names of drop reasons. The layouts of maps are used by the agent only
 * (`layout.ts`).
 */
export function renderContext(header: string): string {
  const constants = parseConstants(header).filter(({ name }) => isShared(name));
  if (constants.length === 0) throw new Error('maps.h defines no constant of the context');
  return `${[
    '// Generated from agent/bpf/maps.h by `npm run generate`. Do not edit.\n// SPDX-License-Identifier: Apache-2.0',
    formatConstants(constants),
    [
      '/** Names of the drop counters, by index in the map `drops`. */',
      'export const dropReasons = [',
      ...parseEnum(header, 'drop_reason').map((name) => `  '${nameOf(name)}',`),
      '] as const;',
      'export type DropReason = (typeof dropReasons)[number];',
    ].join('\n'),
  ].join('\n\n')}\n`;
}

export interface Constant {
  readonly name: string;
  readonly value: string;
}

/** Pure: parses lines `#define NAME number` of a header; other macros are used by the BPF programs only. */
export function parseConstants(header: string): readonly Constant[] {
  return [...header.matchAll(/^#define ([A-Z][A-Z0-9_]*) (0x[0-9a-f]+|\d+)u?\b/gm)].map((match) => ({
    name: match[1]!,
    value: match[2]!,
  }));
}

/** Pure: whether all rooms may use a constant, or only the agent's maps. */
export function isShared(name: string): boolean {
  return /^(CTX|MARK)_/.test(name);
}

/** Pure: formats constants as TypeScript. */
export function formatConstants(constants: readonly Constant[]): string {
  return constants.map(({ name, value }) => `export const ${name} = ${value};`).join('\n');
}

/** The names of an enum whose values count from 0; its last name is only the number of the others. */
function parseEnum(header: string, name: string): readonly string[] {
  const body = new RegExp(`^enum ${name} \\{([^}]*)\\}`, 'm').exec(header)?.[1];
  if (body === undefined) throw new Error(`maps.h has no enum ${name}`);
  const entries = body
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const odd = entries.find((entry) => !/^[A-Z_]+$/.test(entry));
  if (odd !== undefined) throw new Error(`maps.h: enum ${name} has "${odd}", which is not a plain name`);
  return entries.slice(0, -1);
}

/** `DROP_SPOOFED_MAC` -> `spoofed_mac`. */
function nameOf(constant: string): string {
  return constant.replace('DROP_', '').toLowerCase();
}
