// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, openWorld, type World } from './world.ts';

let world: World;
const children: ChildProcess[] = [];

beforeAll(async () => {
  world = await openWorld('heddle-lease');
});
afterAll(() => world.close());
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Saying {
  readonly identity: string;
  /** Of the machine's own clock, so that sayings of two processes can be compared. */
  readonly at: number;
  readonly leader?: boolean;
  readonly event?: string;
}

interface Candidate {
  readonly child: ChildProcess;
  readonly said: Saying[];
  leads(): boolean;
  events(): readonly (string | undefined)[];
}

function candidate(lease: string, identity: string): Candidate {
  const script = fileURLToPath(new URL('./elector.ts', import.meta.url));
  const child = spawn(process.execPath, [script, world.namespace, lease, identity], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said: Saying[] = [];
  createInterface(child.stdout!).on('line', (line) => said.push(JSON.parse(line) as Saying));
  return {
    child,
    said,
    leads: () => said.findLast(({ leader }) => leader !== undefined)?.leader === true,
    events: () => said.map(({ event }) => event).filter((event) => event !== undefined),
  };
}

/** Times at which both said that they lead; a clock has steps of 10 ms. */
function overlap(a: Candidate, b: Candidate): readonly number[] {
  const led = ({ said }: Candidate): number[] => said.filter(({ leader }) => leader).map(({ at }) => at);
  const times = led(b);
  return led(a).filter(
    (at) => times.length > 0 && at > Math.min(...times) + 10 && at < Math.max(...times) - 10,
  );
}

test('a leader that was paused longer than its lease exits as soon as it runs again', async () => {
  const a = candidate('stopped', 'a');
  await eventually('a leads', () => a.leads());
  const b = candidate('stopped', 'b');
  await eventually('b runs', () => b.said.length > 0);
  expect(b.leads()).toBe(false);

  a.child.kill('SIGSTOP');
  const stoppedAt = a.said.at(-1)!.at;
  await eventually('b leads', () => b.leads());
  const tookOverAt = b.said.find(({ leader }) => leader)!.at;
  // It said that it leads, so it had renewed less than 4 s before; and the lease lasts 6 s from there.
  expect(tookOverAt - stoppedAt).toBeGreaterThan(2000);

  const before = a.said.length;
  a.child.kill('SIGCONT');
  const [code] = await once(a.child, 'exit');
  expect(code).toBe(3);
  const after = a.said.slice(before);
  expect(after.some(({ event }) => event === 'lost')).toBe(true);
  expect(after.filter(({ leader }) => leader)).toEqual([]);
  expect(overlap(a, b)).toEqual([]);
  expect(b.leads()).toBe(true);
});

test('a leader that ends orderly releases the lease, so that the next one need not wait for its expiry', async () => {
  const a = candidate('released', 'a');
  await eventually('a leads', () => a.leads());
  const b = candidate('released', 'b');
  await eventually('b runs', () => b.said.length > 0);

  a.child.kill('SIGTERM');
  const [code] = await once(a.child, 'exit');
  expect(code).toBe(0);
  const releasedAt = a.said.find(({ event }) => event === 'released')!.at;
  await eventually('b leads', () => b.leads());
  expect(b.said.find(({ leader }) => leader)!.at - releasedAt).toBeLessThan(4000);
  expect(overlap(a, b)).toEqual([]);
});

test('of three that begin at once exactly one leads, and all renewals are its own', async () => {
  const all = ['a', 'b', 'c'].map((identity) => candidate('three', identity));
  await eventually('one leads', () => all.some((one) => one.leads()));
  await new Promise((resolve) => setTimeout(resolve, 8000));
  expect(all.filter((one) => one.leads())).toHaveLength(1);
  expect(all.flatMap((one) => one.events())).toEqual(['leading']);
});
