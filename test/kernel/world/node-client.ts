// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { NodeCommand, NodeReply, NodeSetup } from './protocol.ts';

type Message = { readonly setup: NodeSetup } | { readonly command: NodeCommand };

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The process of a node's agent, as the test controls it. */
export class NodeClient {
  readonly #node: string;
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  private constructor(node: string, process: ChildProcess) {
    this.#node = node;
    this.#process = process;
    process.on('message', (reply: NodeReply) => this.#settle(reply));
    process.on('exit', (code) => this.#fail(`the process of node ${node} ended (${code})`));
  }

  /** Starts the process and the data path in a namespace; `tree` is a copy of the repository to run it from. */
  static async start(netns: string, setup: NodeSetup, tree?: string): Promise<NodeClient> {
    const folder = tree === undefined ? import.meta.dirname : join(tree, 'test/kernel/world');
    const script = join(folder, 'node-process.ts');
    const process_ = spawn('ip', ['netns', 'exec', netns, process.execPath, script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const client = new NodeClient(setup.node, process_);
    await client.#send({ setup });
    return client;
  }

  /** The process id of the agent; its kernel child is another process. */
  get pid(): number {
    return this.#process.pid!;
  }

  command(command: NodeCommand): Promise<unknown> {
    return this.#send({ command });
  }

  /** Kills it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill(signal);
    await ended;
  }

  #send(message: Message): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#process.send({ id, ...message }, (error) => {
        if (error) this.#settle({ id, error: `node ${this.#node}: ${error.message}` });
      });
    });
  }

  #fail(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(reason));
    this.#pending.clear();
  }

  #settle(reply: NodeReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.error === undefined) pending?.resolve(reply.result);
    else pending?.reject(new Error(reply.error));
  }
}
