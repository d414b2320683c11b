// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE } from '../firewall/shell.ts';

/** The result of one question: an answer, or the failure and the time that it took. */
export interface Talk {
  readonly answer?: string;
  readonly error?: string;
  readonly ms: number;
}

/** A process in a host's namespace that serves and connects; `peer.ts` is its program. */
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
    // EPIPE: the process has ended; the test that waits for its answer reports it.
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

  /** Answers `name` on TCP and UDP, on all of its addresses; further data on a connection is echoed. */
  serve(name: string, ports: readonly number[]): Promise<void> {
    return this.#ask({ do: 'serve', name, ports });
  }

  /** Opens new connections, one after another or `atOnce`; each reads which server answers, and ends. */
  tcp(options: {
    readonly host: string;
    readonly port: number;
    readonly count: number;
  }): Promise<readonly Talk[]> {
    return this.#ask({ do: 'tcp', ...options });
  }

  /** Sends datagrams from new sockets; each waits for its answer. */
  udp(options: {
    readonly host: string;
    readonly port: number;
    readonly count: number;
  }): Promise<readonly Talk[]> {
    return this.#ask({ do: 'udp', ...options });
  }

  /** Opens a connection (or a connected UDP socket) that stays; returns which server answers. */
  open(options: {
    readonly key: string;
    readonly host: string;
    readonly port: number;
    readonly udp?: boolean;
    readonly patienceMs?: number;
  }): Promise<Talk> {
    return this.#ask({ do: 'open', ...options });
  }

  /** Sends a word on an open connection and waits for its echo. */
  say(key: string, word: string, patienceMs?: number): Promise<Talk> {
    return this.#ask({ do: 'say', key, word, patienceMs });
  }

  /**
   * Ends an open connection with a last word in the packet that ends it; returns what the other side sent until its own
   * end.
   */
  end(key: string, word: string): Promise<Talk> {
    return this.#ask({ do: 'end', key, word });
  }

  /** Answers health checks, with status 200 until it is changed. */
  serveHealth(port: number): Promise<void> {
    return this.#ask({ do: 'http', port });
  }

  /** Sets the status of health checks; 0: no answer. */
  health(status: number): Promise<void> {
    return this.#ask({ do: 'health', count: status });
  }

  /** The source address of the last health check. */
  asker(): Promise<string> {
    return this.#ask({ do: 'asker' });
  }

  /** Sends a word from a server to all of its connections. */
  push(word: string): Promise<void> {
    return this.#ask({ do: 'push', word });
  }

  /** Returns the next data on an open connection. */
  hear(key: string): Promise<Talk> {
    return this.#ask({ do: 'broken', key, patienceMs: 3000 });
  }

  /** Waits until an open connection breaks by itself. */
  broken(key: string, patienceMs: number): Promise<Talk> {
    return this.#ask({ do: 'broken', key, patienceMs });
  }

  /** Opens new connections continuously until it is stopped; counts failures and successes. */
  load(options: { readonly host: string; readonly port: number; readonly key: string }): Promise<void> {
    return this.#ask({ do: 'load', ...options });
  }

  /** The number of successful connections of a load so far. */
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
