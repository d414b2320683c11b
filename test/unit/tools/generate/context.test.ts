// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { isShared, parseConstants, renderContext } from '../../../../tools/generate/context.ts';

const HEADER = `#define MAX_HOPS 16
#define CTX_MAC_TO 0x0a   /* first byte */
#define MARK_CONTEXT 0x80000000u
#define PORT_F_FRAMES (PORT_F_LEFT | PORT_F_RIGHT)
enum drop_reason {
	DROP_NONE,
	DROP_SPOOFED_MAC, /* a comment */
	DROP_REASONS,
};
`;

test('constants are the plain numbers of a header', () => {
  expect(parseConstants(HEADER)).toEqual([
    { name: 'MAX_HOPS', value: '16' },
    { name: 'CTX_MAC_TO', value: '0x0a' },
    { name: 'MARK_CONTEXT', value: '0x80000000' },
  ]);
});

test('marks, MACs and drop reasons are for all, the bounds of maps for the agent alone', () => {
  const text = renderContext(HEADER);
  expect(text).toContain('export const CTX_MAC_TO = 0x0a;\nexport const MARK_CONTEXT = 0x80000000;');
  expect(text).toContain("export const dropReasons = [\n  'none',\n  'spoofed_mac',\n] as const;");
  expect(text).not.toContain('MAX_HOPS');
  expect(isShared('MAX_HOPS')).toBe(false);
});

test.for([
  ['no constant of the context', HEADER.replaceAll(/CTX_|MARK_/g, 'X_'), /no constant of the context/],
  ['no drop reasons', HEADER.replace('drop_reason', 'reason'), /no enum drop_reason/],
  ['a drop reason with a number of its own', HEADER.replace('DROP_NONE', 'DROP_NONE = 3'), /DROP_NONE = 3/],
] as const)('a header with %s is refused', ([, header, message]) => {
  expect(() => renderContext(header)).toThrow(message);
});
