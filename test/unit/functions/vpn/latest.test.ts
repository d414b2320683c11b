// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Latest } from '../../../../functions/vpn/latest.ts';

/** Questions that are answered by hand, and a clock that is moved by hand. */
function bench() {
  const questions: { readonly answer: (value: number) => void; readonly fail: (error: Error) => void }[] = [];
  let ring = (): void => {};
  const latest = new Latest<number>({
    ask: () => new Promise((answer, fail) => questions.push({ answer, fail })),
    patienceMs: 200,
    clock: {
      after: (_, call) => {
        ring = call;
        return () => {
          ring = () => {};
        };
      },
    },
  });
  return { latest, questions, ring: () => ring() };
}

test('the first answer is waited for, and one question serves all who ask meanwhile', async () => {
  const { latest, questions } = bench();
  const both = Promise.all([latest.get(), latest.get()]);
  expect(questions).toHaveLength(1);
  questions[0]?.answer(1);
  expect(await both).toEqual([1, 1]);
});

test('a new answer is given if it comes in time, otherwise the previous one', async () => {
  const { latest, questions, ring } = bench();
  const first = latest.get();
  questions[0]?.answer(1);
  await first;
  const second = latest.get();
  questions[1]?.answer(2);
  expect(await second).toBe(2);
  const third = latest.get();
  ring();
  expect(await third).toBe(2);
  questions[2]?.answer(3);
  await Promise.resolve();
  const fourth = latest.get();
  ring();
  expect(await fourth).toBe(3);
});

test('a question that fails is an error', async () => {
  const { latest, questions } = bench();
  const first = latest.get();
  questions[0]?.answer(1);
  await first;
  const second = latest.get();
  questions[1]?.fail(new Error('no device'));
  await expect(second).rejects.toThrow('no device');
});
