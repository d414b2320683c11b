// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { acceptsRoute, parseAcceptRoutes } from '../../../api/accept-routes.ts';
import { parsePrefix } from '../../../api/net/prefix.ts';

function accepts(text: string | undefined, route: string): boolean {
  const parsed = parseAcceptRoutes(text);
  return parsed.ok && acceptsRoute(parsed.value, parsePrefix(route));
}

test('a pod accepts what is within one of its ranges, everything with all, and nothing without the annotation', () => {
  expect(accepts('10.0.0.0/8, fd20::/32', '10.30.0.0/24')).toBe(true);
  expect(accepts('10.0.0.0/8, fd20::/32', 'fd20::/64')).toBe(true);
  expect(accepts('10.30.0.0/24', '10.30.0.0/16')).toBe(false);
  expect(accepts('10.0.0.0/8', 'fd20::/64')).toBe(false);
  expect(accepts(' all ', '10.30.0.0/16')).toBe(true);
  expect(accepts('', '10.30.0.0/16')).toBe(false);
  expect(accepts(undefined, '10.30.0.0/16')).toBe(false);
});

test.each([
  ['10.0.0.1/8', 'host bits'],
  ['everything', 'is not an address range'],
  ['10.0.0.0/8,', 'is not an address range'],
  [Array.from({ length: 65 }, (_, i) => `10.${i}.0.0/16`).join(), 'has 65 ranges, at most 64'],
])('the annotation %s is refused with a message', (text, message) => {
  const parsed = parseAcceptRoutes(text);
  expect(parsed).toMatchObject({ ok: false, complaint: { field: 'heddle.dev/accept-routes' } });
  expect(!parsed.ok && parsed.complaint.message).toContain(message);
});
