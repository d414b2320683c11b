// SPDX-License-Identifier: Apache-2.0
/**
 * Characters that a terminal or a log reader acts on instead of showing: control characters (C0, DEL, C1), separators
 * of lines and paragraphs, marks that change the direction of text, and halves of surrogate pairs.
 */
const ACTING = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const BLANK = /[\t\n\r]/;

/** Pure: the text on one line, without characters that a terminal acts on. Line breaks and tabs become spaces. */
export function plainText(text: string): string {
  return text.replaceAll(ACTING, (found) => (BLANK.test(found) ? ' ' : '\ufffd'));
}

/** Pure: as `plainText`, but line breaks and tabs stay. */
export function plainLines(text: string): string {
  return text.replaceAll(ACTING, (found) => (found === '\n' || found === '\t' ? found : '\ufffd'));
}

/** Pure: a value of JSON with every text in it, names of fields included, as `plainText` makes it. */
export function plainValue<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [plainText(name), clean(each)]));
}
