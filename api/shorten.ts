// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** Longest name of most objects: a DNS subdomain. */
export const NAME_LENGTH = 253;
/** Longest value of a label, and longest name of a Service: a DNS label. */
export const LABEL_LENGTH = 63;

/** The text itself when it is short enough, else its beginning and a hash of the whole text. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${cut(text, most - 9)}-${hashOf(text)}`;
}

/** The beginning of a name, so long that it is a name itself: it ends with a letter or digit. */
export function cut(name: string, most: number): string {
  return name.slice(0, most).replace(/[^a-z0-9]+$/, '');
}

/** 8 digits of the hash of a text: enough for the names of one namespace. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
