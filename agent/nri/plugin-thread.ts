// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import type { PluginHandlers, PluginOptions } from './plugin.ts';
import type { FromThread, Step, ThreadData, ToThread } from './thread-protocol.ts';

export interface PluginThreadOptions extends PluginOptions {
  /** The thread's entry: `agent/nri/thread.ts`, or its bundle. */
  readonly threadPath: string;
  /** Annotations of the pods that concern the agent; a pod without any of them does not wait for its answers. */
  readonly concerns: readonly string[];
}

/**
 * Like `runPlugin`, in a thread of its own, which answers for the handlers when they are late. Work of the main thread never
 * makes the runtime drop the plugin, and pods that do not concern the agent do not wait for it. Rejects when the thread fails.
 */
export function runPluginThread(options: PluginThreadOptions): Promise<void> {
  const { socketPath, name, index, concerns, handlers, log, signal, onStage } = options;
  const workerData: ThreadData = { socketPath, name, index, concerns };
  const worker = new Worker(options.threadPath, { workerData });
  const say = (message: ToThread): void => worker.postMessage(message);
  worker.on('message', (message: FromThread) => {
    switch (message.kind) {
      case 'Call':
        void perform(handlers, message.step).then((error) => say({ kind: 'Result', id: message.id, error }));
        return;
      case 'Stage':
        onStage?.(message.stage);
        return;
      case 'Log':
        log[message.level](message.fields, message.text);
        return;
    }
  });
  const stop = () => say({ kind: 'Stop' });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', (code) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(new Error(`the thread that talks to the container runtime has ended with ${code}`));
    });
  });
}

/** Returns the message of the error, since only that crosses threads. */
async function perform(handlers: PluginHandlers, step: Step): Promise<string | undefined> {
  try {
    switch (step.kind) {
      case 'synchronize':
        await handlers.synchronize(step.pods, step.containers);
        return undefined;
      case 'createContainer':
        await handlers.createContainer(step.pod, step.container);
        return undefined;
      default:
        await handlers[step.kind](step.pod);
        return undefined;
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
