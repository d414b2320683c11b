// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest';

/** Characters that a terminal obeys, or that turn the direction of a text: C0, DEL, C1, and the marks of bidi. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the check for them.
export const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** The longest sentence about one fault: it goes into a condition, an Event or a line of a terminal. */
const MOST_CHARACTERS = 1000;

/** A message for a person: not empty, of bounded length, and harmless for a terminal. */
export function expectSentence(message: string): void {
  if (message === '' || message.length > MOST_CHARACTERS || CONTROL.test(message)) {
    expect(message).toMatch(/^.{1,1000}$/);
    expect(message).not.toMatch(CONTROL);
  }
}

/** Runs a parser that throws errors of one class alone, with a sentence; returns its result, or the error. */
export function outcomeOf<Value>(
  parse: () => Value,
  errors: readonly (abstract new (...args: never[]) => Error)[],
): { readonly value: Value } | { readonly error: Error } {
  try {
    return { value: parse() };
  } catch (error) {
    if (!errors.some((known) => error instanceof known)) throw error;
    expectSentence((error as Error).message);
    return { error: error as Error };
  }
}

/** A number that a program may go on with. */
export function expectNumber(value: number | undefined): void {
  if (value !== undefined && !(Number.isFinite(value) && value >= 0)) expect(value).toBeGreaterThanOrEqual(0);
}
