// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Memories } from '../../../../../operator/controllers/workload/memories.ts';

test('an object is remembered until it is forgotten or made anew under its name', () => {
  let begun = 0;
  const memories = new Memories(() => {
    begun += 1;
    return { begun };
  });
  const object = (uid: string) => ({ metadata: { namespace: 'shop', name: 'edge', uid } });
  const first = memories.of(object('a'));
  expect(memories.of(object('a'))).toBe(first);
  expect(memories.of(object('b'))).toEqual({ begun: 2 });
  memories.forget('shop/edge');
  expect(memories.of(object('b'))).toEqual({ begun: 3 });
});
