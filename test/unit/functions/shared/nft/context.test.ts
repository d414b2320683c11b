// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  decideOrAnswerProbe,
  FRAME_IS_CHAINS,
  frameHas,
  HAS_CONTEXT,
  hex,
  IS_CHAINS,
  IS_CHAINS_FORWARD,
  IS_CHAINS_REPLY,
  IS_PROBE,
  IS_REPLY,
  PATH_ID,
} from '../../../../../functions/shared/nft/context.ts';

test('conditions on a context are as docs/architecture.md says its bits', () => {
  expect({ HAS_CONTEXT, IS_PROBE, IS_REPLY, IS_CHAINS, IS_CHAINS_FORWARD, IS_CHAINS_REPLY, PATH_ID }).toEqual(
    {
      HAS_CONTEXT: 'meta mark & 0x80000000 != 0',
      IS_PROBE: 'meta mark & 0x40000000 != 0',
      IS_REPLY: 'meta mark & 0x20000000 != 0',
      IS_CHAINS: 'meta mark & 0xc0000000 == 0x80000000',
      IS_CHAINS_FORWARD: 'meta mark & 0xe0000000 == 0x80000000',
      IS_CHAINS_REPLY: 'meta mark & 0xe0000000 == 0xa0000000',
      PATH_ID: 'meta mark & 0xffff',
    },
  );
  expect(FRAME_IS_CHAINS).toBe('@ll,0,16 & 0xff80 == 0x0a00');
  expect(frameHas(0xc0, 0x40)).toBe('@ll,0,16 & 0xffc0 == 0x0a40');
  expect(hex(0x80000000 | 12)).toBe('0x8000000c');
});

test('a probe is accepted where packets of chains are decided', () => {
  expect(decideOrAnswerProbe('pass')).toBe(
    'meta mark & 0xc0000000 vmap { 0x80000000 : jump pass, 0xc0000000 : accept }',
  );
});
