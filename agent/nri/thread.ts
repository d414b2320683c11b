// SPDX-License-Identifier: Apache-2.0
import { parentPort, workerData } from 'node:worker_threads';
import { type PluginHandlers, type RuntimePod, runPlugin } from './plugin.ts';
import type { FromThread, Step, ThreadData, ToThread } from './thread-protocol.ts';

// The thread that talks to the container runtime and does nothing else: it answers in time whatever the agent's main thread
// is doing. `runPluginThread` starts it.

const port = parentPort;
if (!port) throw new Error('agent/nri/thread.ts is a worker thread');
const { concerns, ...options } = workerData as ThreadData;
const stop = new AbortController();
const waiting = new Map<number, (error: string | undefined) => void>();
let calls = 0;

const say = (message: FromThread): void => port.postMessage(message);

/** Has the main thread do a step; rejects with its error. */
function ask(step: Step): Promise<void> {
  const id = calls++;
  return new Promise((resolve, reject) => {
    waiting.set(id, (error) => (error === undefined ? resolve() : reject(new Error(error))));
    say({ kind: 'Call', id, step });
  });
}

/** Has the main thread do a step that the runtime does not wait for. */
function tell(step: Step): void {
  ask(step).catch(() => undefined);
}

/** Almost all pods of a node do not concern the agent yet; they wait for nobody. */
function isConcerned(pod: { readonly annotations: Readonly<Record<string, string>> }): boolean {
  return concerns.some((name) => pod.annotations[name] !== undefined);
}

const handlers: PluginHandlers = {
  synchronize: (pods, containers) => {
    const ids = new Set(pods.filter(isConcerned).map(({ id }) => id));
    return ask({ kind: 'synchronize', pods, containers: containers.filter(({ podId }) => ids.has(podId)) });
  },
  runPodSandbox: (pod) => perform('runPodSandbox', pod),
  createContainer: async (pod, container) =>
    isConcerned(pod) ? ask({ kind: 'createContainer', pod, container }) : undefined,
  stopPodSandbox: (pod) => perform('stopPodSandbox', pod),
  removePodSandbox: (pod) => perform('removePodSandbox', pod),
};

/** The main thread learns of every pod, since any may be told to join a network while it runs. */
async function perform(
  kind: Exclude<Step['kind'], 'synchronize' | 'createContainer'>,
  pod: RuntimePod,
): Promise<void> {
  if (isConcerned(pod)) return ask({ kind, pod });
  tell({ kind, pod });
}

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'Result':
      waiting.get(message.id)?.(message.error);
      waiting.delete(message.id);
      return;
    case 'Stop':
      stop.abort();
      return;
  }
});

await runPlugin({
  ...options,
  handlers,
  signal: stop.signal,
  onStage: (stage) => say({ kind: 'Stage', stage }),
  log: {
    info: (fields, text) => say({ kind: 'Log', level: 'info', fields, text }),
    warn: (fields, text) => say({ kind: 'Log', level: 'warn', fields, text }),
  },
});
port.close();
