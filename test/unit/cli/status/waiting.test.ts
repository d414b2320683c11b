// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { summarize } from '../../../../cli/status/summarize.ts';
import { checkWaiting } from '../../../../cli/status/waiting.ts';
import { see, world } from '../world.ts';

const waits = { namespace: 'shop', name: 'late', uid: 'late', createdAt: '2026-11-23T11:59:00Z' };
const why = 'NetworkNotFound: element 1: network shop/nope does not exist';

test('a pod that waits for its networks is a problem, with what Heddle said about it', () => {
  const seen = world({ waiting: see([{ ...waits, why }]) });
  expect(summarize(seen).well).toBe(false);
  expect(checkWaiting(seen)).toEqual([
    { severity: 'Problem', object: 'Pod shop/late', message: `waits for its networks: ${why}`, todo: '' },
  ]);
  expect(checkWaiting(world({ waiting: see([waits]) }))).toMatchObject([
    { message: 'waits for its networks', todo: 'kubectl -n shop describe pod late' },
  ]);
});

test('a pod that was just made, or has joined meanwhile, is none', () => {
  const young = { ...waits, createdAt: '2026-11-23T11:59:55Z' };
  expect(checkWaiting(world({ waiting: see([young]) }))).toEqual([]);
  expect(checkWaiting(world({ waiting: see([{ ...waits, uid: 'web' }]) }))).toEqual([]);
});

test('who may not read pods is told so', () => {
  const waiting = { kind: 'Unread' as const, why: 'you may not list pods' };
  expect(summarize(world({ waiting }))).toMatchObject({ well: true, unread: ['you may not list pods'] });
});
