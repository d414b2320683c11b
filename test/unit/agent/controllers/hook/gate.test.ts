// SPDX-License-Identifier: Apache-2.0
// security.md: pod-starts-past-agent
import { expect, test } from 'vitest';
import { Gate } from '../../../../../agent/controllers/hook/gate.ts';
import type { PluginHandlers, RuntimeContainer, RuntimePod } from '../../../../../agent/nri/plugin.ts';

const pod = { name: 'web' } as RuntimePod;
const container = {} as RuntimeContainer;

function noting(calls: string[]): PluginHandlers {
  const note = (name: string) => async () => void calls.push(name);
  return {
    synchronize: note('synchronize'),
    runPodSandbox: note('run'),
    createContainer: note('create'),
    stopPodSandbox: note('stop'),
    removePodSandbox: note('remove'),
  };
}

test('an agent that starts refuses containers, and learns in order what it was told', async () => {
  const gate = new Gate();
  const calls: string[] = [];
  await gate.handlers.synchronize([], []);
  await gate.handlers.runPodSandbox(pod);
  await expect(gate.handlers.createContainer(pod, container)).rejects.toThrow('is starting');
  await gate.handlers.stopPodSandbox(pod);
  gate.open(noting(calls));
  expect(calls).toEqual(['synchronize', 'run', 'stop']);
  await gate.handlers.createContainer(pod, container);
  expect(calls.at(-1)).toBe('create');
});

test('an agent that ends refuses containers, and leaves the rest to the next one', async () => {
  const gate = new Gate();
  const calls: string[] = [];
  gate.open(noting(calls));
  gate.shut();
  await expect(gate.handlers.createContainer(pod, container)).rejects.toThrow('is ending');
  await gate.handlers.runPodSandbox(pod);
  await gate.handlers.removePodSandbox(pod);
  expect(calls).toEqual([]);
});
