import { type Address, AddressError, tryParseAddress } from './net/address.ts';
import { type Cidr, containsAddress, firstAddress, parseCidr } from './net/cidr.ts';

/** Whether two ranges have an address in common: then one of them has the first of the other. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return containsAddress(a, firstAddress(b)) || containsAddress(b, firstAddress(a));
}

/** Whether all of a range is in another one. */
export function covers(outer: Cidr, inner: Cidr): boolean {
  return outer.prefixLength <= inner.prefixLength && containsAddress(outer, firstAddress(inner));
}

/** Those of the ranges that no other list covers whole. */
export function notCoveredBy(texts: readonly string[], others: readonly string[]): readonly string[] {
  const outer = rangesOf(others);
  return texts.filter((text) => {
    const inner = tryParseCidr(text);
    return inner !== undefined && !outer.some((range) => covers(range, inner));
  });
}

/** The ranges of texts that a schema has checked; what is none is left out. */
export function rangesOf(texts: readonly string[] | undefined): readonly Cidr[] {
  return (texts ?? []).flatMap((text) => tryParseCidr(text) ?? []);
}

/** The addresses of texts that a schema has checked; what is none is left out. */
export function addressesOf(texts: readonly string[] | undefined): readonly Address[] {
  return (texts ?? []).flatMap((text) => tryParseAddress(text) ?? []);
}

/** As parseCidr, but undefined for what is no range. */
export function tryParseCidr(text: string): Cidr | undefined {
  try {
    return parseCidr(text);
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}
