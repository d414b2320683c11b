// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE } from '../firewall/shell.ts';

/** What became of one question: an answer, or how it failed and after how long. */
export interface Talk {
  readonly answer?: string;
  readonly error?: string;
  readonly ms: number;
}

/** A process in a host's namespace that serves and asks; `peer.ts` is its program. */
export class Host {
  readonly namespace: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: never) => void>();
  #sent = 0;

  constructor(namespace: string) {
    this.namespace = namespace;
    this.#child = spawn('ip', ['netns', 'exec', namespace, NODE, join(import.meta.dirname, 'peer.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // EPIPE: it ended, and the test that waits for its answer says so.
    this.#child.stdin!.on('error', () => {});
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const { id, answer } = JSON.parse(line) as { id: number; answer: never };
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Answers `name` on TCP and UDP, on all of its addresses; what else comes on a connection it sends back. */
  serve(name: string, ports: readonly number[]): Promise<void> {
    return this.#ask({ do: 'serve', name, ports });
  }

  /** New connections, one after another or `atOnce`; each reads who answers and ends. */
  tcp(options: {
    readonly host: string;
    readonly port: number;
    readonly count: number;
  }): Promise<readonly Talk[]> {
    return this.#ask({ do: 'tcp', ...options });
  }

  /** Datagrams from new sockets, each waits for its answer. */
  udp(options: {
    readonly host: string;
    readonly port: number;
    readonly count: number;
  }): Promise<readonly Talk[]> {
    return this.#ask({ do: 'udp', ...options });
  }

  /** Opens a connection (or a connected UDP socket) that stays; the answer is who serves it. */
  open(options: {
    readonly key: string;
    readonly host: string;
    readonly port: number;
    readonly udp?: boolean;
    readonly patienceMs?: number;
  }): Promise<Talk> {
    return this.#ask({ do: 'open', ...options });
  }

  /** Says a word on an open connection and waits for its echo. */
  say(key: string, word: string, patienceMs?: number): Promise<Talk> {
    return this.#ask({ do: 'say', key, word, patienceMs });
  }

  /** Ends an open connection with a last word in the same packet as its end; the answer is what the other side sent until its end. */
  end(key: string, word: string): Promise<Talk> {
    return this.#ask({ do: 'end', key, word });
  }

  /** Answers questions for its health, with status 200 until told otherwise. */
  serveHealth(port: number): Promise<void> {
    return this.#ask({ do: 'http', port });
  }

  /** Another status from now on; 0 says nothing. */
  health(status: number): Promise<void> {
    return this.#ask({ do: 'health', count: status });
  }

  /** The address that last asked for its health. */
  asker(): Promise<string> {
    return this.#ask({ do: 'asker' });
  }

  /** A server's word to all who are connected. */
  push(word: string): Promise<void> {
    return this.#ask({ do: 'push', word });
  }

  /** What comes next on an open connection. */
  hear(key: string): Promise<Talk> {
    return this.#ask({ do: 'broken', key, patienceMs: 3000 });
  }

  /** Waits until an open connection breaks by itself. */
  broken(key: string, patienceMs: number): Promise<Talk> {
    return this.#ask({ do: 'broken', key, patienceMs });
  }

  /** Asks on and on, with new connections, until told to stop; all that went wrong, and how many went well. */
  load(options: { readonly host: string; readonly port: number; readonly key: string }): Promise<void> {
    return this.#ask({ do: 'load', ...options });
  }

  /** Connections of a load that went well up to now. */
  served(key: string): Promise<number> {
    return this.#ask({ do: 'served', key });
  }

  unload(key: string): Promise<{ readonly good: number; readonly bad: readonly string[] }> {
    return this.#ask({ do: 'unload', key });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #ask<T>(order: object): Promise<T> {
    this.#sent += 1;
    const id = this.#sent;
    return new Promise<T>((resolve) => {
      this.#waiting.set(id, resolve as (answer: never) => void);
      this.#child.stdin!.write(`${JSON.stringify({ id, ...order })}\n`);
    });
  }
}
