// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { PluginHandlers } from '../../../../agent/nri/plugin.ts';
import { runPluginThread } from '../../../../agent/nri/plugin-thread.ts';
import type { PodSandbox } from '../../../../agent/nri/proto.ts';
import type { Answered } from './busy-runtime.ts';

const root = join(import.meta.dirname, '../../../..');

function sandbox(name: string, annotations: Readonly<Record<string, string>>): PodSandbox {
  return { id: name, uid: name, name, namespace: 'shop', labels: {}, annotations, linux: null };
}

/** Starts the plugin beside a runtime that runs these pods at once, and returns its answers. */
async function answersTo(pods: readonly PodSandbox[], runPodSandbox: PluginHandlers['runPodSandbox']) {
  const runtime = new Worker(join(import.meta.dirname, 'busy-runtime.ts'));
  const [socketPath] = (await once(runtime, 'message')) as [string];
  const stop = new AbortController();
  const nothing = async () => undefined;
  const running = runPluginThread({
    threadPath: join(root, 'agent/nri/thread.ts'),
    concerns: ['networks'],
    socketPath,
    name: 'heddle',
    index: '10',
    log: { info: nothing, warn: nothing },
    signal: stop.signal,
    handlers: {
      runPodSandbox,
      synchronize: nothing,
      createContainer: nothing,
      stopPodSandbox: nothing,
      removePodSandbox: nothing,
    },
  });
  await once(runtime, 'message');
  runtime.postMessage(pods);
  const [answers] = (await once(runtime, 'message')) as [readonly Answered[]];
  stop.abort();
  await running;
  return answers;
}

/** Blocks this thread, as a long computation does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('a main thread that is blocked for three seconds makes no answer later than the runtime allows', async () => {
  const pods = [sandbox('joins', { networks: 'shop' }), sandbox('other', {})];
  const [joins, other] = await answersTo(pods, async ({ name }) =>
    name === 'joins' ? block(3000) : undefined,
  );
  expect(joins?.error).toMatch(/longer than 1500 ms/);
  expect(joins?.ms).toBeLessThan(1950);
  // A pod that does not concern the agent does not wait for it.
  expect(other?.error).toBeUndefined();
  expect(other?.ms).toBeLessThan(500);
});

test('the main thread learns of every pod, since any may be told to join later, but an answer waits only for its own', async () => {
  const told: string[] = [];
  const pods = [sandbox('joins', { networks: 'shop' }), sandbox('other', {})];
  const answers = await answersTo(pods, async ({ name }) => {
    told.push(name);
    if (name === 'other') throw new Error('nobody waits for this');
  });
  expect(told).toEqual(['joins', 'other']);
  expect(answers.map(({ error }) => error)).toEqual([undefined, undefined]);
});

test('the answers of the main thread reach the runtime, errors with their words', async () => {
  const pods = [sandbox('good', { networks: 'shop' }), sandbox('bad', { networks: 'nowhere' })];
  const answers = await answersTo(pods, async ({ name }) => {
    if (name === 'bad') throw new Error('VirtualNetwork shop/nowhere does not exist');
  });
  expect(answers.map(({ error }) => error)).toEqual([
    undefined,
    'heddle: VirtualNetwork shop/nowhere does not exist',
  ]);
});
