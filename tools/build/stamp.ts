// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The inputs of an output: size and modification time of each, by its path from the root. */
export type Stamp = Readonly<Record<string, string>>;

export function stampInputs(root: string, inputs: readonly string[]): Stamp {
  return Object.fromEntries(inputs.map((input) => [input, describeFile(join(root, input))]));
}

function describeFile(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.size} ${stat.mtimeMs}` : 'absent';
}

/** Whether any input was written at that time or later. */
export function changedSince(root: string, inputs: readonly string[], time: number): boolean {
  return inputs.some(
    (input) => (statSync(join(root, input), { throwIfNoEntry: false })?.mtimeMs ?? 0) >= time,
  );
}

/** Whether an output exists, and all of its inputs are unchanged. */
export function isFresh(root: string, output: string): boolean {
  const path = stampPath(output);
  if (!existsSync(output) || !existsSync(path)) return false;
  const known = JSON.parse(readFileSync(path, 'utf8')) as Stamp;
  return Object.entries(known).every(([input, state]) => describeFile(join(root, input)) === state);
}

export function writeStamp(output: string, stamp: Stamp): void {
  writeFileSync(stampPath(output), JSON.stringify(stamp));
}

function stampPath(output: string): string {
  return `${output}.inputs.json`;
}
