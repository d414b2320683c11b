// SPDX-License-Identifier: Apache-2.0
/** One small change of a C source. */
export interface Change {
  readonly file: string;
  /** Line number, from 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Each operator and its replacement; for each line, the first match counts. */
const SWAPS: readonly (readonly [RegExp, string])[] = [
  [/ == /, ' != '],
  [/ != /, ' == '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/ <= /, ' < '],
  [/ >= /, ' > '],
  [/ < /, ' <= '],
  [/ > /, ' >= '],
  [/ \+ 1\b/, ' + 2'],
  [/ - 1\b/, ' - 2'],
  [/\bif \(!/, 'if ('],
  [/\breturn true;/, 'return false;'],
  [/\breturn false;/, 'return true;'],
  [/ \|= /, ' &= '],
];

/** Pure: the possible changes of a source, in its order. Comments, macros and bounds for the verifier are left out. */
export function listChanges(file: string, source: string): readonly Change[] {
  let inComment = false;
  return source.split('\n').flatMap((line, index) => {
    const commented = inComment || /^\s*(\/\*|\*|\/\/)/.test(line);
    if (line.includes('/*')) inComment = !line.includes('*/');
    else if (line.includes('*/')) inComment = false;
    if (commented || /^\s*#|\\$|data_end|_Static_assert|for \(/.test(line)) return [];
    const swap = SWAPS.find(([operator]) => operator.test(line));
    if (!swap) return [];
    return [{ file, line: index + 1, before: line, after: line.replace(swap[0], swap[1]) }];
  });
}

/** Pure: a selection that is spread evenly; the same input gives the same selection. */
export function spread<T>(all: readonly T[], count: number): readonly T[] {
  if (count >= all.length) return all;
  return Array.from({ length: count }, (_, index) => all[Math.floor(((index + 0.5) * all.length) / count)]!);
}

/** Pure: a source with one change made. */
export function withChange(source: string, { line, before, after }: Change): string {
  const lines = source.split('\n');
  if (lines[line - 1] !== before) throw new Error(`line ${line} is not: ${before}`);
  lines[line - 1] = after;
  return lines.join('\n');
}
