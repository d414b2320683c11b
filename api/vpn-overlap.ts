// SPDX-License-Identifier: Apache-2.0
import { coversPrefix, prefixesOf, tryParsePrefix } from './net/prefix.ts';

/** Those of the prefixes that no other list covers whole; the same texts, since people and objects compare them as texts. */
export function notCoveredBy(texts: readonly string[], others: readonly string[]): readonly string[] {
  const outer = prefixesOf(others);
  return texts.filter((text) => {
    const inner = tryParsePrefix(text);
    return inner !== undefined && !outer.some((prefix) => coversPrefix(prefix, inner));
  });
}
