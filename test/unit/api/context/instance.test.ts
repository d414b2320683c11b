// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorSource } from '../../../../api/context/instance.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { addressBytes } from '../../../../api/net/bytes.ts';

const header = readFileSync(new URL('../../../../agent/bpf/toobig.h', import.meta.url), 'utf8');

/** The bytes of a macro that is one number, or a list of bytes. */
function bytesOf(macro: string): number[] {
  const text = new RegExp(`^#define ${macro} \\{*([^}/\\n]*)`, 'm').exec(header)?.[1] ?? '';
  const numbers = text.split(',').map(Number);
  if (numbers.length > 1) return numbers;
  return [24, 16, 8, 0].map((shift) => (numbers[0]! >>> shift) & 0xff);
}

test.for([
  [4, 'ANSWERS_FROM_V4'],
  [6, 'ANSWERS_FROM_V6'],
] as const)('ICMP errors of instances and of the data path have one source, IPv%i', ([family, macro]) => {
  expect(bytesOf(macro)).toEqual([...addressBytes(parseAddress(errorSource[family]))]);
});
