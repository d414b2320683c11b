// SPDX-License-Identifier: Apache-2.0
import { type RuntimeContainer, type RuntimePod, toContainer, toPod } from './pod.ts';
import { decode, encode, type PodSandbox } from './proto.ts';

/** The agent's work at each step of a pod's life. A rejection fails the step, and the kubelet retries. */
export interface PluginHandlers {
  /**
   * Called with all pods and their containers, after the plugin has registered. The answer does not wait for it, so pods may
   * start.
   */
  synchronize(pods: readonly RuntimePod[], containers: readonly RuntimeContainer[]): Promise<void>;
  runPodSandbox(pod: RuntimePod): Promise<void>;
  createContainer(pod: RuntimePod, container: RuntimeContainer): Promise<void>;
  stopPodSandbox(pod: RuntimePod): Promise<void>;
  removePodSandbox(pod: RuntimePod): Promise<void>;
}

export interface PluginLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The gRPC codes of the plugin's answers. */
const UNKNOWN = 2;
const UNIMPLEMENTED = 12;

/** An answer: bytes of the response message, or an error that the runtime shows to the kubelet. */
export type Answer =
  | { readonly kind: 'Ok'; readonly payload: Uint8Array }
  | { readonly kind: 'Error'; readonly code: number; readonly message: string };

const EVENTS = { runPodSandbox: 1, stopPodSandbox: 2, removePodSandbox: 3, createContainer: 4 } as const;
const SUBSCRIPTION = Object.values(EVENTS).reduce((mask, event) => mask | (1 << (event - 1)), 0);

/** The plugin's side of the protocol: handles the runtime's calls and answers them. One for each connection. */
export class PluginService {
  readonly #handlers: PluginHandlers;
  readonly #log: PluginLog;
  readonly #deadlineMs: number;
  readonly #onConfigured: () => void;
  readonly #onSynchronized: () => void;
  #pods: RuntimePod[] = [];
  #containers: RuntimeContainer[] = [];

  constructor(options: {
    handlers: PluginHandlers;
    log: PluginLog;
    deadlineMs: number;
    /** Called when the runtime has accepted the subscription. */
    onConfigured: () => void;
    /** Called when the runtime has listed its pods: from now on it calls the plugin. */
    onSynchronized: () => void;
  }) {
    this.#handlers = options.handlers;
    this.#log = options.log;
    this.#deadlineMs = options.deadlineMs;
    this.#onConfigured = options.onConfigured;
    this.#onSynchronized = options.onSynchronized;
  }

  /** Answers a call within the deadline, and never rejects: the runtime drops a silent plugin, and starts pods without it. */
  async answer(method: string, payload: Uint8Array): Promise<Answer> {
    try {
      return await this.#dispatch(method, payload);
    } catch (error) {
      const message = `heddle: ${error instanceof Error ? error.message : String(error)}`;
      this.#log.warn(
        { method, err: error },
        'a step failed; its error was returned to the container runtime',
      );
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
        this.#log.info({}, 'the container runtime is shutting down');
        return empty();
      default:
        return { kind: 'Error', code: UNIMPLEMENTED, message: `heddle does not serve ${method}` };
    }
  }

  #configure(payload: Uint8Array): Answer {
    const { runtimeName, runtimeVersion, nriVersion } = decode('ConfigureRequest', payload);
    this.#log.info(
      { runtimeName, runtimeVersion, nriVersion },
      'the container runtime has configured the plugin',
    );
    this.#onConfigured();
    return { kind: 'Ok', payload: encode('ConfigureResponse', { events: SUBSCRIPTION }) };
  }

  /** Handles one part of the list of pods. Each part says whether more parts follow; the answer must repeat that. */
  #synchronize(payload: Uint8Array): Answer {
    const { pods, containers, more } = decode('SynchronizeRequest', payload);
    this.#pods.push(...pods.map(toPod));
    this.#containers.push(...containers.map(toContainer));
    if (!more) {
      this.#onSynchronized();
      this.#handlers.synchronize(this.#pods, this.#containers).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'reconciling the running pods has failed');
      });
      this.#pods = [];
      this.#containers = [];
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

  /** Limits the time of a step. The work continues after the deadline: it is idempotent, and the retry finds it done. */
  async #withinDeadline(method: string, step: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${method} took longer than ${this.#deadlineMs} ms; it is tried again`));
      }, this.#deadlineMs);
    });
    // A failure after the deadline has no receiver any more.
    step.catch(() => undefined);
    try {
      await Promise.race([step, expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

type PodEvent = 'RunPodSandbox' | 'StopPodSandbox' | 'RemovePodSandbox';

/** The pod events of StateChange by number, as runtimes up to NRI 0.11 send them. */
const POD_EVENTS: Readonly<Record<number, PodEvent>> = {
  [EVENTS.runPodSandbox]: 'RunPodSandbox',
  [EVENTS.stopPodSandbox]: 'StopPodSandbox',
  [EVENTS.removePodSandbox]: 'RemovePodSandbox',
};

function empty(): Answer {
  return { kind: 'Ok', payload: encode('Empty', {}) };
}
