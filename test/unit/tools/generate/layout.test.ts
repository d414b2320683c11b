// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { renderHash } from '../../../../tools/generate/layout.ts';

test('maps are in another directory when any of them has another layout, scratch space of the programs too', () => {
  const scratch = (size: number) => `scratch: { keySize: 4, valueSize: ${size} }`;
  const hash = renderHash('maps.h', scratch(248));
  expect(renderHash('maps.h', scratch(248))).toBe(hash);
  expect(renderHash('maps.h', scratch(256))).not.toBe(hash);
  expect(renderHash('maps.h, changed', scratch(248))).not.toBe(hash);
});
