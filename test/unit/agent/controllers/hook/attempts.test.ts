// SPDX-License-Identifier: Apache-2.0
// security.md: tenant-delays-pods
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Attempts } from '../../../../../agent/controllers/hook/attempts.ts';
import { WaitBudget } from '../../../../../agent/controllers/hook/budget.ts';

function open() {
  const attempts = new Attempts(new WaitBudget(performance.now()));
  const started: string[] = [];
  const attempt = (uid: string, work: () => Promise<void>, sandboxId = 'first') =>
    attempts.try({
      uid,
      namespace: 'shop',
      sandboxId,
      work: () => {
        started.push(`${uid} ${sandboxId}`);
        return work();
      },
    });
  return { attempts, started, attempt };
}

const forever = () => new Promise<void>(() => undefined);

test('an attempt that makes the interfaces is reported as successful', async () => {
  const { attempt } = open();
  expect(await attempt('a', () => sleep(5))).toBeUndefined();
});

test('what failed in a sandbox is not tried again while the runtime waits, and is tried in another sandbox', async () => {
  const { attempt, started } = open();
  const fail = () => Promise.reject(new Error('the map is full'));
  expect(await attempt('a', fail)).toBe('the map is full');
  expect(await attempt('a', fail)).toBe('the map is full');
  expect(await attempt('a', () => sleep(1), 'second')).toBeUndefined();
  expect(started).toEqual(['a first', 'a second']);
});

test('work that takes long goes on while the runtime is answered', async () => {
  const { attempt } = open();
  let finish = () => {};
  const work = () => new Promise<void>((resolve) => (finish = resolve));
  expect(await attempt('a', work)).toBe('its interfaces are being made');
  expect(await attempt('a', work)).toBe('its interfaces are being made');
  finish();
  await sleep(1);
  expect(await attempt('a', work)).toBeUndefined();
});

test('20 pods whose interfaces take for ever keep the runtime waiting for two seconds altogether, however often they come', async () => {
  const { attempt } = open();
  const began = performance.now();
  for (let round = 0; round < 5; round += 1) {
    for (let at = 0; at < 20; at += 1) await attempt(`pod-${at}`, forever);
  }
  expect(performance.now() - began).toBeLessThan(2500);
});

test('an attempt of a pod that has ended is forgotten', async () => {
  const { attempts, attempt, started } = open();
  await attempt('a', () => sleep(1));
  await attempt('b', () => sleep(1));
  attempts.keep(new Set(['b']));
  attempts.forget('b');
  await attempt('a', () => sleep(1));
  await attempt('b', () => sleep(1));
  expect(started).toHaveLength(4);
});
