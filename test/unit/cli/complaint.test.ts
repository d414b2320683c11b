// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { complainOf } from '../../../cli/complaint.ts';
import { ApiError } from '../../../kube/api-error.ts';

const notFound = new ApiError({ status: 404, reason: 'NotFound', message: 'not found' });

test.for([
  ['virtualnetworks.heddle.dev', 'Heddle is not installed in this cluster'],
  ['chainslices.internal.heddle.dev', 'of another release than this kubectl-heddle'],
  ['pods', 'cannot list pods'],
] as const)('of %s that the cluster does not know, a person is told: %s', ([resource, words]) => {
  const complaint = complainOf(notFound, { verb: 'list', resource, namespace: undefined });
  expect(String(complaint)).toContain(words);
});

test('what a complaint quotes does not act on the terminal', () => {
  const error = new ApiError({
    status: 500,
    reason: 'InternalError',
    message: 'no\u001b]0;owned\u0007\u009b2J',
  });
  const complaint = complainOf(error, { verb: 'get', resource: 'pods/proxy', namespace: 'shop' });
  expect(String(complaint)).toContain('no\ufffd]0;owned\ufffd\ufffd2J');
});
