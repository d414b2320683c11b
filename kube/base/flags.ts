// SPDX-License-Identifier: Apache-2.0
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** A wrong command line; the message names the flag and what it should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Parses the flags and words of a command line. Unknown flags are refused, and so are words where none are accepted.
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

/** The allowed range of a number; `what` is its description, as in "a port". */
export interface NumberRange {
  readonly what: string;
  readonly least: number;
  readonly most: number;
}

/**
 * Parses the whole number in a flag's text.
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
 * Parses a flag whose text must be one of `choices`.
 * @throws UsageError
 */
export function readChoice<const T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new UsageError(`--${flag} must be one of ${choices.join(', ')}, not "${text}"`);
  }
  return found;
}
