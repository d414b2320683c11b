// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { withdrawalOf } from '../../../api/withdrawn.ts';

test('a Port is withdrawn only by a reason of the operator', () => {
  const accepted = (status: 'True' | 'False', reason: string) => ({
    status: { conditions: [{ type: 'Accepted', status, reason, message: '', lastTransitionTime: '' }] },
  });
  expect(withdrawalOf(accepted('False', 'Evicted'))?.reason).toBe('Evicted');
  expect(withdrawalOf(accepted('False', 'NetworkDeleting'))?.reason).toBe('NetworkDeleting');
  expect(withdrawalOf(accepted('False', 'Other'))).toBeUndefined();
  expect(withdrawalOf(accepted('True', 'ClaimHolds'))).toBeUndefined();
  expect(withdrawalOf({})).toBeUndefined();
});
