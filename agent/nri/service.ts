// SPDX-License-Identifier: Apache-2.0
import { type RuntimeContainer, type RuntimePod, toContainer, toPod } from './pod.ts';
import { decode, encode, type PodSandbox } from './proto.ts';

/** What the agent does at each step of a pod's life. A rejection fails the step: the kubelet tries again. */
export interface PluginHandlers {
  /** All pods that run now, when the plugin has just registered. Not waited for: pods start meanwhile. */
  synchronize(pods: readonly RuntimePod[]): Promise<void>;
  runPodSandbox(pod: RuntimePod): Promise<void>;
  createContainer(pod: RuntimePod, container: RuntimeContainer): Promise<void>;
  stopPodSandbox(pod: RuntimePod): Promise<void>;
  removePodSandbox(pod: RuntimePod): Promise<void>;
}

export interface PluginLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** gRPC codes that we answer with. */
const UNKNOWN = 2;
const UNIMPLEMENTED = 12;

/** An answer: bytes of the response message, or an error that the runtime shows to the kubelet. */
export type Answer =
  | { readonly kind: 'Ok'; readonly payload: Uint8Array }
  | { readonly kind: 'Error'; readonly code: number; readonly message: string };

const EVENTS = { runPodSandbox: 1, stopPodSandbox: 2, removePodSandbox: 3, createContainer: 4 } as const;
const SUBSCRIPTION = Object.values(EVENTS).reduce((mask, event) => mask | (1 << (event - 1)), 0);

/** The plugin's side of the protocol: which call does what, and what is answered. One for each connection. */
export class PluginService {
  readonly #handlers: PluginHandlers;
  readonly #log: PluginLog;
  readonly #deadlineMs: number;
  readonly #onConfigured: () => void;
  #pods: RuntimePod[] = [];

  constructor(options: {
    handlers: PluginHandlers;
    log: PluginLog;
    deadlineMs: number;
    /** Told once the runtime has accepted the subscription. */
    onConfigured: () => void;
  }) {
    this.#handlers = options.handlers;
    this.#log = options.log;
    this.#deadlineMs = options.deadlineMs;
    this.#onConfigured = options.onConfigured;
  }

  /** Never rejects, and answers within the deadline: a plugin that is silent is dropped, and pods start without it. */
  async answer(method: string, payload: Uint8Array): Promise<Answer> {
    try {
      return await this.#dispatch(method, payload);
    } catch (error) {
      const message = `heddle: ${error instanceof Error ? error.message : String(error)}`;
      this.#log.warn({ method, err: error }, 'the runtime was told that a step failed');
      return { kind: 'Error', code: UNKNOWN, message };
    }
  }

  async #dispatch(method: string, payload: Uint8Array): Promise<Answer> {
    switch (method) {
      case 'Configure':
        return this.#configure(payload);
      case 'Synchronize':
        return this.#synchronize(payload);
      case 'RunPodSandbox':
      case 'StopPodSandbox':
      case 'RemovePodSandbox':
        await this.#podEvent(method, decode('PodRequest', payload).pod);
        return empty();
      case 'StateChange': {
        const { event, pod } = decode('StateChangeEvent', payload);
        const name = POD_EVENTS[event];
        if (name !== undefined) await this.#podEvent(name, pod);
        return empty();
      }
      case 'CreateContainer': {
        const { pod, container } = decode('ContainerRequest', payload);
        if (pod === null || container === null) throw new Error('CreateContainer came without its pod');
        const step = this.#handlers.createContainer(toPod(pod), toContainer(container));
        await this.#withinDeadline(method, step);
        return empty();
      }
      case 'Shutdown':
        this.#log.info({}, 'the container runtime is going down');
        return empty();
      default:
        return { kind: 'Error', code: UNIMPLEMENTED, message: `heddle does not serve ${method}` };
    }
  }

  #configure(payload: Uint8Array): Answer {
    const { runtimeName, runtimeVersion, nriVersion } = decode('ConfigureRequest', payload);
    this.#log.info({ runtimeName, runtimeVersion, nriVersion }, 'the container runtime has taken the plugin');
    this.#onConfigured();
    return { kind: 'Ok', payload: encode('ConfigureResponse', { events: SUBSCRIPTION }) };
  }

  /** A long list comes in parts, each of which says whether more follow; the answer must say the same. */
  #synchronize(payload: Uint8Array): Answer {
    const { pods, more } = decode('SynchronizeRequest', payload);
    this.#pods.push(...pods.map(toPod));
    if (!more) {
      const all = this.#pods;
      this.#pods = [];
      this.#handlers.synchronize(all).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'converging on the pods that run has failed');
      });
    }
    return { kind: 'Ok', payload: encode('SynchronizeResponse', { more }) };
  }

  async #podEvent(method: PodEvent, sandbox: PodSandbox | null): Promise<void> {
    if (sandbox === null) throw new Error(`${method} came without its pod`);
    const pod = toPod(sandbox);
    await this.#withinDeadline(method, this.#handlePod(method, pod));
  }

  #handlePod(method: PodEvent, pod: RuntimePod): Promise<void> {
    switch (method) {
      case 'RunPodSandbox':
        return this.#handlers.runPodSandbox(pod);
      case 'StopPodSandbox':
        return this.#handlers.stopPodSandbox(pod);
      case 'RemovePodSandbox':
        return this.#handlers.removePodSandbox(pod);
    }
  }

  /** The work itself goes on after a deadline: it is idempotent, and the retry finds it done. */
  async #withinDeadline(method: string, step: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${method} took longer than ${this.#deadlineMs} ms; it is tried again`));
      }, this.#deadlineMs);
    });
    // Nobody waits any more for a step that fails after its deadline.
    step.catch(() => undefined);
    try {
      await Promise.race([step, expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

type PodEvent = 'RunPodSandbox' | 'StopPodSandbox' | 'RemovePodSandbox';

/** Runtimes up to NRI 0.11 tell of pods by number, in StateChange. */
const POD_EVENTS: Readonly<Record<number, PodEvent>> = {
  [EVENTS.runPodSandbox]: 'RunPodSandbox',
  [EVENTS.stopPodSandbox]: 'StopPodSandbox',
  [EVENTS.removePodSandbox]: 'RemovePodSandbox',
};

function empty(): Answer {
  return { kind: 'Ok', payload: encode('Empty', {}) };
}
