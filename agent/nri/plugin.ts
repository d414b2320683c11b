// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NriConnection } from './connection.ts';
import { encode } from './proto.ts';
import { type PluginHandlers, type PluginLog, PluginService } from './service.ts';

export type { RuntimeContainer, RuntimePod } from './pod.ts';
export type { PluginHandlers, PluginLog } from './service.ts';

/**
 * `Away`: no connection; pods start without the plugin. `Waiting`: the runtime has taken the plugin, and waits for containers
 * that end before it lists its pods; no pod starts meanwhile. `Serving`: the runtime calls the plugin for each pod.
 */
export type PluginStage = 'Away' | 'Waiting' | 'Serving';

export interface PluginOptions {
  readonly socketPath: string;
  readonly name: string;
  /** Two digits: plugins are called in this order. */
  readonly index: string;
  readonly handlers: PluginHandlers;
  readonly log: PluginLog;
  readonly signal: AbortSignal;
  /** Called when the plugin's part in the runtime changes. */
  readonly onStage?: (stage: PluginStage) => void;
}

/** The agent's deadline for an answer: after 2 s the runtime drops the plugin, and the pod starts without its interface. */
const ANSWER_DEADLINE_MS = 1500;
/** How long the runtime may take to configure the plugin. It does so at once, unless it hangs. */
const REGISTRATION_DEADLINE_MS = 5000;
/** Waits before a new connection. The first is none, since pods start unseen without a connection. */
const BACKOFF_MS = { first: 0, second: 20, longest: 500 } as const;

/** Serves the container runtime until the signal; connects again at once whenever it is lost. */
export async function runPlugin(options: PluginOptions): Promise<void> {
  const { signal, log, onStage } = options;
  let backoff: number = BACKOFF_MS.first;
  while (!signal.aborted) {
    const outcome = await serveOnce(options);
    if (outcome.registered) {
      onStage?.('Away');
      backoff = BACKOFF_MS.first;
    }
    if (signal.aborted) return;
    log.warn({ reason: outcome.reason, retryMs: backoff }, 'no connection to the container runtime');
    await sleep(backoff, undefined, { signal }).catch(() => undefined);
    backoff = Math.min(Math.max(backoff * 2, BACKOFF_MS.second), BACKOFF_MS.longest);
  }
}

/** One connection's life. Resolves, with why it ended, and never rejects. */
async function serveOnce(options: PluginOptions): Promise<{ registered: boolean; reason: string }> {
  const { socketPath, handlers, log, signal, onStage } = options;
  const socket = connect(socketPath);
  const ended = untilClosed(socket);
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  const deadline = setTimeout(() => {
    socket.destroy(
      new Error(`the runtime did not configure the plugin within ${REGISTRATION_DEADLINE_MS} ms`),
    );
  }, REGISTRATION_DEADLINE_MS);
  let registered = false;
  const service = new PluginService({
    handlers,
    log,
    deadlineMs: ANSWER_DEADLINE_MS,
    onConfigured: () => {
      clearTimeout(deadline);
      registered = true;
      onStage?.('Waiting');
    },
    onSynchronized: () => onStage?.('Serving'),
  });
  // Serving comes first: the runtime may configure us before it answers the registration.
  const connection = new NriConnection(socket, (method, payload) => service.answer(method, payload));
  register(connection, options).catch((error: Error) => socket.destroy(error));
  const reason = await ended;
  clearTimeout(deadline);
  signal.removeEventListener('abort', stop);
  return { registered, reason };
}

function register(connection: NriConnection, options: PluginOptions): Promise<void> {
  const request = encode('RegisterPluginRequest', { pluginName: options.name, pluginIdx: options.index });
  return connection.call('RegisterPlugin', request);
}

function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let reason = 'the runtime closed the connection';
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => resolve(reason));
  });
}
