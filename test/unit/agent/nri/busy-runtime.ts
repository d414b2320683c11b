// SPDX-License-Identifier: Apache-2.0
import { parentPort } from 'node:worker_threads';
import type { PodSandbox } from '../../../../agent/nri/proto.ts';
import { TestRuntime } from './runtime.ts';

/** A runtime in a thread of its own: it measures how soon the plugin answers while the main thread is blocked. */
export interface Answered {
  readonly pod: string;
  readonly ms: number;
  readonly error: string | undefined;
}

const port = parentPort!;
const runtime = new TestRuntime();
await runtime.listen();
const registered = runtime.registered();
port.postMessage(runtime.socketPath);
await registered;
port.on('message', async (pods: readonly PodSandbox[]) => {
  const answers = await Promise.all(pods.map(run));
  port.postMessage(answers);
  await runtime.close();
  port.close();
});
port.postMessage('registered');

async function run(pod: PodSandbox): Promise<Answered> {
  const began = performance.now();
  const { status } = await runtime.call('RunPodSandbox', { type: 'PodRequest', value: { pod } });
  return { pod: pod.name, ms: performance.now() - began, error: status?.message };
}
