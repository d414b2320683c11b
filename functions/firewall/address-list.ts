// SPDX-License-Identifier: Apache-2.0
import { gunzipSync } from 'node:zlib';
import { AddressError } from '../../api/net/address.ts';
import { type AddressRange, parseRange } from '../../api/net/range.ts';

/** The part of a ConfigMap that holds text. */
export interface TextSource {
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly binaryData?: Readonly<Record<string, string>> | undefined;
}

/** A list that cannot be read at all, described for the person who wrote it. */
export class ListError extends Error {}

/** What a list holds, and which of its lines are neither an address nor a range. */
export interface AddressList {
  readonly ranges: readonly AddressRange[];
  /** Lines that are not blank and no comment. */
  readonly lines: number;
  /** The first bad lines, each with its place and what is wrong. */
  readonly bad: readonly string[];
  readonly badLines: number;
}

/** How many bad lines are described; there may be 100,000. */
const MOST_DESCRIBED = 3;

/**
 * The addresses of a ConfigMap: of one key, or of all of them. A key that ends in `.gz` is compressed, because
 * 100,000 long addresses do not fit into the megabyte that an object may have.
 */
export function parseConfigMap(name: string, source: TextSource, key: string | undefined): AddressList {
  const keys = key === undefined ? keysOf(source) : [key];
  const lists = keys.map((each) => parseList(`ConfigMap ${name}, key ${each}`, textOf(name, source, each)));
  return {
    ranges: lists.flatMap(({ ranges }) => ranges),
    lines: lists.reduce((sum, { lines }) => sum + lines, 0),
    bad: lists.flatMap(({ bad }) => bad).slice(0, MOST_DESCRIBED),
    badLines: lists.reduce((sum, { badLines }) => sum + badLines, 0),
  };
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

/**
 * Parses a list: one address, CIDR or range a line, as feeds write them. `#`, `;` and `//` begin a comment. What follows
 * the address after a blank, a comma or `|` is another column and ignored.
 */
export function parseList(where: string, text: string): AddressList {
  const ranges: AddressRange[] = [];
  const bad: string[] = [];
  let lines = 0;
  let badLines = 0;
  text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .forEach((line, i) => {
      const content = contentOf(line);
      if (content === '') return;
      lines += 1;
      try {
        ranges.push(parseRange(content));
      } catch (error) {
        if (!(error instanceof AddressError)) throw error;
        badLines += 1;
        if (bad.length < MOST_DESCRIBED) bad.push(`${where}, line ${i + 1}: ${error.message}`);
      }
    });
  return { ranges, lines, bad, badLines };
}

/** The first column of a line; a range may have blanks beside its dash. */
function contentOf(line: string): string {
  const content = line.replace(/(#|;|\/\/).*$/s, '').trim();
  const range = /^([^\s,|-]+)\s*-\s*([^\s,|]+)/.exec(content);
  return range ? `${range[1]}-${range[2]}` : (/^[^\s,|]+/.exec(content)?.[0] ?? content);
}
