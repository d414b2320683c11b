// SPDX-License-Identifier: Apache-2.0
import { plainText } from '../../api/plain-text.ts';

/** The most that the report of an instance may contain. It follows from what the object of the instance specifies. */
export interface Allowance {
  readonly bytes: number;
  /** Most entries of each list in the report. */
  readonly entries: number;
  /** Names that an entry may have, for lists whose names the object specifies; entries with other names are dropped. */
  readonly names?: ReadonlySet<string> | undefined;
}

/** Size of a report without entries: `inputs` and an error with a long message fit. */
const BASE_BYTES = 16 * 1024;
/** An entry: long names, counters of 20 digits, an address and a message fit. */
const ENTRY_BYTES = 768;
/** Bytes of the largest report: 10,000 rules with long names and large counters fit. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Entries that a report may have beyond those of the object, because it may be older than the last edit. */
const SPARE_ENTRIES = 16;

/** Pure: the allowance of an object that specifies this number of entries. */
export function allow(entries: number, names?: ReadonlySet<string>): Allowance {
  const most = entries + SPARE_ENTRIES;
  return { bytes: Math.min(MOST_BYTES, BASE_BYTES + most * ENTRY_BYTES), entries: most, names };
}

/** Most characters of a text in a report, such as a name. */
export const MOST_TEXT = 512;
/** Most characters of the message of an error. */
export const MOST_MESSAGE = 4096;

/** Pure: a text of an instance as it may be shown and stored: on one line, not longer than `most` characters. */
export function limitText(text: string, most: number): string {
  return plainText(text.length > most ? text.slice(0, most) : text);
}
