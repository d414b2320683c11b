// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'corpus');
/** A larger input is not kept: the seed in the report of the run makes it again. */
const MOST_CHARACTERS = 20_000;

/** The inputs that once failed, or that random choice hardly finds, of one property. Bytes are written as `{"hex"}`. */
export function readCorpus<Input>(name: string): readonly Input[] {
  const file = fileOf(name);
  if (!existsSync(file)) return [];
  // Whoever wrote the file took its inputs from the property of this name.
  return JSON.parse(readFileSync(file, 'utf8'), revive) as readonly Input[];
}

/** Adds an input to the corpus of a property, unless it is there or is large. */
export function addToCorpus(name: string, input: unknown): void {
  const text = encode(input);
  const known = readCorpus(name).map(encode);
  if (text.length > MOST_CHARACTERS || known.includes(text)) return;
  writeFileSync(fileOf(name), `[\n${[...known, text].map((each) => `  ${each}`).join(',\n')}\n]\n`);
}

function fileOf(name: string): string {
  return join(folder, `${name}.json`);
}

/** An input as one line of JSON. */
export function encode(input: unknown): string {
  return JSON.stringify(input, (_, value: unknown) =>
    // Buffers become JSON before the replacer sees them.
    isBufferJson(value)
      ? { hex: Buffer.from(value.data).toString('hex') }
      : value instanceof Uint8Array
        ? { hex: Buffer.from(value).toString('hex') }
        : value,
  );
}

function isBufferJson(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { hex } = value as { readonly hex?: unknown };
  return typeof hex === 'string' && Object.keys(value).length === 1 ? Buffer.from(hex, 'hex') : value;
}
