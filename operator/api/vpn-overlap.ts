import { type Address, AddressError, tryParseAddress } from './address.ts';
import { type Cidr, containsAddress, firstAddress, parseCidr } from './cidr.ts';

/** Whether two ranges have an address in common: then one of them has the first of the other. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return containsAddress(a, firstAddress(b)) || containsAddress(b, firstAddress(a));
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
