import { parseAddress } from '../../../api/net/address.ts';
import { parsePrefix } from '../../../api/net/prefix.ts';
import { rangeOf } from '../../../api/net/range.ts';
import type { Range } from './ranges.ts';

// IPv4 as IPv6 maps it (::ffff:0:0/96), so that both families are one line of numbers.
const MAPPED = 0xffffn << 32n;

/** An address as a range of one. */
export function addressRange(text: string): Range {
  const { family, value } = parseAddress(text);
  const number = family === 4 ? MAPPED + value : value;
  return { first: number, last: number };
}

/** All addresses of a CIDR. */
export function cidrRange(text: string): Range {
  const { family, first, last } = rangeOf(parsePrefix(text));
  return family === 4 ? { first: MAPPED + first, last: MAPPED + last } : { first, last };
}
