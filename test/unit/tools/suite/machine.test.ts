// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createMachine } from '../../../../tools/suite/machine.ts';

/** Work that goes on until it is told to end, and writes down when it starts and ends. */
function work(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const run = async (): Promise<string> => {
    log.push(`${name} starts`);
    await promise;
    log.push(`${name} ends`);
    return name;
  };
  return { run, end: resolve };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('many share the machine, one that is alone waits for them, and those after it wait for it', async () => {
  const machine = createMachine();
  const log: string[] = [];
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(log, name)) as [Work, Work, Work, Work];
  const runs = [machine.share(a.run), machine.share(b.run), machine.alone(c.run), machine.share(d.run)];
  await settle();
  expect(log).toEqual(['a starts', 'b starts']);
  a.end();
  await settle();
  expect(log).toEqual(['a starts', 'b starts', 'a ends']);
  b.end();
  await settle();
  expect(log.slice(3)).toEqual(['b ends', 'c starts']);
  c.end();
  d.end();
  expect(await Promise.all(runs)).toEqual(['a', 'b', 'c', 'd']);
  expect(log.slice(5)).toEqual(['c ends', 'd starts', 'd ends']);
});

type Work = ReturnType<typeof work>;

it('is free again when work fails', async () => {
  const machine = createMachine();
  await expect(machine.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await machine.share(async () => 'next')).toBe('next');
});

it('is prepared by one after another, also after one that failed', async () => {
  const machine = createMachine();
  const log: string[] = [];
  const first = work(log, 'first');
  const runs = [machine.prepare(first.run), machine.prepare(() => Promise.reject(new Error('no')))];
  const last = machine.prepare(async () => log.push('last'));
  await settle();
  expect(log).toEqual(['first starts']);
  first.end();
  await expect(runs[1]).rejects.toThrow('no');
  await last;
  expect(log).toEqual(['first starts', 'first ends', 'last']);
});
