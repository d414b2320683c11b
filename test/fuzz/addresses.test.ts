// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressError, formatAddress, parseAddress } from '../../api/net/address.ts';
import { formatMac, parseMac } from '../../api/net/mac.ts';
import { formatPrefix, parsePrefix } from '../../api/net/prefix.ts';
import { formatRange, parseRange } from '../../api/net/range.ts';
import { address, prefix } from '../unit/api/net/arbitrary.ts';
import { mostly } from './arbitraries.ts';
import { outcomeOf } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

const right = fc.oneof(
  address.map(formatAddress),
  prefix.map(formatPrefix),
  fc.tuple(address, address).map(([a, b]) => `${formatAddress(a)}-${formatAddress(b)}`),
  fc.integer({ max: 2 ** 48 - 1, min: 0 }).map((value) => formatMac({ value })),
);

test(
  'text that is not an address, prefix, range or MAC is refused; valid text has one canonical form',
  () => {
    const forms = [
      [parseAddress, formatAddress],
      [parsePrefix, formatPrefix],
      [parseRange, formatRange],
      [parseMac, formatMac],
    ] as const;
    fuzz('addresses', mostly(right), (text) => {
      for (const [parse, format] of forms) {
        const outcome = outcomeOf(() => parse(text), [AddressError]);
        if (!('value' in outcome)) continue;
        // Each format takes what its parser gives.
        const canonical = (format as (value: unknown) => string)(outcome.value);
        expect(parse(canonical)).toEqual(outcome.value);
      }
      // Node is laxer with zones and mapped addresses, and never stricter.
      const outcome = outcomeOf(() => parseAddress(text), [AddressError]);
      if ('value' in outcome) expect(outcome.value.family === 4 ? isIPv4(text) : isIPv6(text)).toBe(true);
      else expect(isIPv4(text)).toBe(false);
    });
  },
  timeoutMs,
);
