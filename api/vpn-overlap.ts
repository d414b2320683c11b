import { type Address, tryParseAddress } from './net/address.ts';
import { coversPrefix, type Prefix, tryParsePrefix } from './net/prefix.ts';

export { prefixesMeet as overlaps } from './net/prefix.ts';

/** Those of the prefixes that no other list covers whole. */
export function notCoveredBy(texts: readonly string[], others: readonly string[]): readonly string[] {
  const outer = rangesOf(others);
  return texts.filter((text) => {
    const inner = tryParsePrefix(text);
    return inner !== undefined && !outer.some((prefix) => coversPrefix(prefix, inner));
  });
}

/** The prefixes of texts that a schema has checked; what is none is left out. */
export function rangesOf(texts: readonly string[] | undefined): readonly Prefix[] {
  return (texts ?? []).flatMap((text) => tryParsePrefix(text) ?? []);
}

/** The addresses of texts that a schema has checked; what is none is left out. */
export function addressesOf(texts: readonly string[] | undefined): readonly Address[] {
  return (texts ?? []).flatMap((text) => tryParseAddress(text) ?? []);
}
