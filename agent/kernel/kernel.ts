// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from 'node:child_process';
import { KernelError } from './error.ts';
import type { Event, OperationName, Operations, ProbeReport, Request, Response } from './protocol.ts';

/** All operations of the agent on the kernel; arguments and results are in `protocol.ts`. */
export type Kernel = {
  readonly [Name in OperationName]: (args: Operations[Name]['args']) => Promise<Operations[Name]['result']>;
} & {
  /** Calls the listener when the results of probes change. Returns a function that unsubscribes. */
  onProbes(listener: (report: ProbeReport) => void): () => void;
  /** Ends the child. Calls in progress, and later ones, are rejected. */
  close(): Promise<void>;
};

export interface KernelOptions {
  /** The child's entry: `agent/kernel/child.ts`, or its bundle. */
  readonly childPath: string;
  /** Where `/proc/sys` of the looking namespace is writable: `/host/proc/sys` in the agent's pod. */
  readonly sysctlRoot?: string;
  /** Called when the child has exited: calls in progress were lost, so the caller must reconcile. */
  readonly onRestart?: (reason: string) => void;
}

interface Pending {
  readonly op: OperationName;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the kernel's child process. If it exits, the next call starts it again. */
export function startKernel(options: KernelOptions): Kernel {
  const connection = new KernelConnection(options);
  const operation = <Name extends OperationName>(op: Name) => {
    return (args: Operations[Name]['args']) => connection.call(op, args);
  };
  return {
    netlink: operation('netlink'),
    mapInfo: operation('mapInfo'),
    mapUpdate: operation('mapUpdate'),
    mapDelete: operation('mapDelete'),
    mapDump: operation('mapDump'),
    mapCount: operation('mapCount'),
    mapLookup: operation('mapLookup'),
    linkCreate: operation('linkCreate'),
    linkUpdate: operation('linkUpdate'),
    linkInfo: operation('linkInfo'),
    progInfo: operation('progInfo'),
    progTestRun: operation('progTestRun'),
    objPinExists: operation('objPinExists'),
    unlink: operation('unlink'),
    sysctl: operation('sysctl'),
    netnsInode: operation('netnsInode'),
    possibleCpus: operation('possibleCpus'),
    probe: operation('probe'),
    onProbes: (listener) => connection.onProbes(listener),
    close: () => connection.close(),
  };
}

class KernelConnection {
  readonly #options: KernelOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #probeListeners = new Set<(report: ProbeReport) => void>();
  #child: ChildProcess | undefined;
  #nextId = 1;
  #closed = false;

  constructor(options: KernelOptions) {
    this.#options = options;
    this.#child = this.#spawn();
  }

  call<Name extends OperationName>(
    op: Name,
    args: Operations[Name]['args'],
  ): Promise<Operations[Name]['result']> {
    if (this.#closed) return Promise.reject(new KernelError(op, 'the kernel process was closed'));
    this.#child ??= this.#spawn();
    const child = this.#child;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The child answers `Operations[op].result` for this id and no other.
      this.#pending.set(id, { op, resolve: resolve as (value: unknown) => void, reject });
      child.send({ id, op, args } as Request, (error) => {
        if (error !== null) this.#settle(id, { id, error: { message: error.message } });
      });
    });
  }

  onProbes(listener: (report: ProbeReport) => void): () => void {
    this.#probeListeners.add(listener);
    return () => this.#probeListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.disconnect();
    await ended;
  }

  #spawn(): ChildProcess {
    const { childPath, sysctlRoot } = this.#options;
    const child = fork(childPath, sysctlRoot === undefined ? [] : [sysctlRoot], {
      serialization: 'advanced',
      // An inspector or a loader flag of the agent is not for its child.
      execArgv: [],
    });
    child.on('message', (message: Response | Event) => {
      if ('id' in message) this.#settle(message.id, message);
      // Reports of a former child are of no current plan.
      else if (this.#child === child) for (const listener of this.#probeListeners) listener(message.probes);
    });
    child.on('error', (error) => this.#lost(child, error.message));
    child.on('exit', (code, signal) => this.#lost(child, `it ended (${signal ?? code})`));
    return child;
  }

  #settle(id: number, response: Response): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    if ('error' in response) {
      pending.reject(new KernelError(pending.op, response.error.message, response.error.code));
    } else {
      pending.resolve(response.result);
    }
  }

  #lost(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const { op, reject } of lost) {
      reject(new KernelError(op, `the kernel process was lost: ${reason}; what was asked may be half done`));
    }
    if (!this.#closed) this.#options.onRestart?.(reason);
  }
}
