// SPDX-License-Identifier: Apache-2.0
import { coversPrefix, prefixesOf, tryParsePrefix } from './net/prefix.ts';

/**
 * The prefixes that no other list covers completely. The texts stay unchanged, because users and objects compare them
 * as texts.
 */
export function notCoveredBy(texts: readonly string[], others: readonly string[]): readonly string[] {
  const outer = prefixesOf(others);
  return texts.filter((text) => {
    const inner = tryParsePrefix(text);
    return inner !== undefined && !outer.some((prefix) => coversPrefix(prefix, inner));
  });
}
