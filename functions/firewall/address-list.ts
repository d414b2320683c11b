// SPDX-License-Identifier: Apache-2.0
import { gunzipSync } from 'node:zlib';
import { type AddressRange, parseRange } from '../../api/net/range.ts';

/** The part of a ConfigMap that holds text. */
export interface TextSource {
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly binaryData?: Readonly<Record<string, string>> | undefined;
}

/** An error in an address list, described for the person who wrote the list. */
export class ListError extends Error {}

/**
 * The addresses of a ConfigMap: of one key, or of all of them. A key that ends in `.gz` is compressed, because
 * 100,000 long addresses do not fit into the megabyte that an object may have.
 */
export function parseConfigMap(name: string, source: TextSource, key: string | undefined): AddressRange[] {
  const keys = key === undefined ? keysOf(source) : [key];
  return keys.flatMap((each) => parseList(`ConfigMap ${name}, key ${each}`, textOf(name, source, each)));
}

function keysOf(source: TextSource): string[] {
  return [...Object.keys(source.data ?? {}), ...Object.keys(source.binaryData ?? {})].sort();
}

function textOf(name: string, source: TextSource, key: string): string {
  const text = source.data?.[key];
  if (text !== undefined) return text;
  const binary = source.binaryData?.[key];
  if (binary === undefined) throw new ListError(`ConfigMap ${name} has no key ${key}`);
  const bytes = Buffer.from(binary, 'base64');
  if (!key.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
  } catch (error) {
    throw new ListError(`ConfigMap ${name}, key ${key}: not gzip, or more than 64 MiB (${String(error)})`);
  }
}

/** A few kilobytes of gzip can expand to gigabytes of text. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Parses a list: one address or CIDR a line; `#` begins a comment, blank lines are ignored. */
export function parseList(where: string, text: string): AddressRange[] {
  const ranges: AddressRange[] = [];
  text.split('\n').forEach((line, i) => {
    const comment = line.indexOf('#');
    const content = (comment < 0 ? line : line.slice(0, comment)).trim();
    if (content === '') return;
    try {
      ranges.push(parseRange(content));
    } catch (error) {
      throw new ListError(`${where}, line ${i + 1}: ${(error as Error).message}`);
    }
  });
  return ranges;
}
