// SPDX-License-Identifier: Apache-2.0
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** A wrong command line; the message names the flag and what it should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The flags and words of a command line; a flag that is not in the table is refused, and so are words where none is
 * taken.
 * @throws UsageError
 */
export function readFlags<const T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError(error.message.replace(/\. To specify a positional.*$/s, ''));
    }
    throw error;
  }
}

/** What a number may be; `what` is a word for it, as in "a port". */
export interface NumberRange {
  readonly what: string;
  readonly least: number;
  readonly most: number;
}

/**
 * The whole number that a flag's text says.
 * @throws UsageError
 */
export function readNumber(flag: string, text: string, { what, least, most }: NumberRange): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`--${flag} must be ${what} from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

/**
 * The one of a few words that a flag's text is.
 * @throws UsageError
 */
export function readChoice<const T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new UsageError(`--${flag} must be one of ${choices.join(', ')}, not "${text}"`);
  }
  return found;
}
