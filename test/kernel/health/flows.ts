// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Pod } from '../world/world.ts';

export type FlowsSetup =
  | {
      readonly kind: 'Echo';
      readonly port: number;
      /** The number of ports from the first one on, with one flow each. */
      readonly ports: number;
      readonly family: 'udp4' | 'udp6';
    }
  | {
      readonly kind: 'Send';
      readonly address: string;
      readonly port: number;
      readonly firstPort: number;
      readonly count: number;
      readonly everyMs: number;
    };

export type FlowsCommand =
  | { readonly kind: 'Now' }
  | { readonly kind: 'Losses'; readonly since: number; readonly settleMs: number };

/** The losses of one flow since a time. */
export interface FlowLoss {
  readonly port: number;
  readonly lost: number;
  /** The longest time between two packets that came back, around the lost ones. */
  readonly gapMs: number;
  /** The longest time between two sent packets: the sender had to wait for the processor. */
  readonly lagMs: number;
}

/** The spacing that the requirement names. */
export const SPACING_MS = 10;
const ECHO_PORT = 7000;
const MOST_FLOWS = 32;
/** The longest time that a packet may be in transit. */
const SETTLE_MS = 200;

/** Starts a program that echoes every packet of flows to a pod. */
export async function startEcho(pod: Pod, family: 'udp4' | 'udp6'): Promise<() => void> {
  const echo = await FlowsProcess.start(pod, { kind: 'Echo', port: ECHO_PORT, ports: MOST_FLOWS, family });
  return () => echo.stop();
}

/** Sends numbered UDP to an echo and back, on several flows at once. */
export class Flows {
  readonly #sender: FlowsProcess;

  private constructor(sender: FlowsProcess) {
    this.#sender = sender;
  }

  static async start(options: {
    readonly from: Pod;
    readonly address: string;
    readonly firstPort: number;
    readonly count: number;
  }): Promise<Flows> {
    const { from, ...rest } = options;
    const setup: FlowsSetup = { kind: 'Send', port: ECHO_PORT, everyMs: SPACING_MS, ...rest };
    return new Flows(await FlowsProcess.start(from, setup));
  }

  /** A point in time that `losses` understands. */
  async now(): Promise<number> {
    return (await this.#sender.ask({ kind: 'Now' })) as number;
  }

  async losses(since: number): Promise<readonly FlowLoss[]> {
    return (await this.#sender.ask({ kind: 'Losses', since, settleMs: SETTLE_MS })) as readonly FlowLoss[];
  }

  stop(): void {
    this.#sender.stop();
  }
}

class FlowsProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, (result: unknown) => void>();
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, result }: { id?: number; result?: unknown }) => {
      if (id === undefined) return;
      this.#pending.get(id)?.(result);
      this.#pending.delete(id);
    });
  }

  static async start(pod: Pod, setup: FlowsSetup): Promise<FlowsProcess> {
    const script = join(import.meta.dirname, 'flows-process.ts');
    const child = spawn('ip', ['netns', 'exec', pod.netns, process.execPath, script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ready = new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`the flows of ${pod.name} ended (${code})`)));
    });
    child.send({ id: 0, ...setup });
    await ready;
    return new FlowsProcess(child);
  }

  ask(command: FlowsCommand): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#child.send({ id, ...command });
    });
  }

  stop(): void {
    this.#child.disconnect();
  }
}
