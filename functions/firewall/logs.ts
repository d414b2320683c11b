// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Backoff } from '../../kube/base/backoff.ts';
import type { Logger } from '../../kube/base/log.ts';
import { parseLogLine } from './log-line.ts';
import { findPluginFolder, renderUlogdConfig } from './ulogd.ts';

/** An ulogd that ran for this time had started well. */
const STEADY_MS = 60_000;

/**
 * Writes the packets that the kernel logs (group of nflog) as JSON lines. ulogd reads them from the kernel, and is
 * restarted when it ends. Packets never wait for it.
 */
export class PacketLog {
  readonly #command: readonly [string, ...string[]];
  readonly #log: Logger;
  readonly #backoff = new Backoff({ firstMs: 200, maxMs: 10_000 });
  readonly #server = createServer((socket) => {
    socket.on('error', (error) => this.#log.debug({ error }, 'the connection of ulogd failed'));
    createInterface({ input: socket }).on('line', (line) => this.#take(line));
  });
  #folder: string | undefined;
  #child: ChildProcess | undefined;
  #stopped = false;
  #logged = 0;

  /** `command` runs ulogd in the namespace whose packets are logged. */
  constructor(log: Logger, command: readonly [string, ...string[]] = ['ulogd']) {
    this.#command = command;
    this.#log = log;
  }

  /** Packets written so far. */
  get logged(): number {
    return this.#logged;
  }

  /** Starts ulogd. Without it the firewall still filters, and one error says that it does not log. */
  async start(): Promise<void> {
    try {
      const folder = mkdtempSync(join(tmpdir(), 'heddle-ulogd-'));
      this.#folder = folder;
      const config = join(folder, 'ulogd.conf');
      const socket = join(folder, 'packets');
      writeFileSync(config, renderUlogdConfig(findPluginFolder(), socket));
      await new Promise<void>((resolve) => this.#server.listen(socket, resolve));
      this.#spawn(config);
    } catch (error) {
      this.#log.error({ error }, 'packets will not be logged');
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#child?.kill('SIGTERM');
    this.#server.close();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #spawn(config: string): void {
    const [program, ...args] = this.#command;
    const child = spawn(program, [...args, '-c', config], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      // <5> is a notice, <7> an error; messages of ulogd's normal start are not passed on.
      if (/<[78]>/.test(line)) this.#log.warn({ ulogd: line }, 'ulogd reports a problem');
      else this.#log.debug({ ulogd: line }, 'ulogd');
    });
    child.once('error', (error) => this.#log.error({ error }, 'ulogd cannot be started'));
    const began = performance.now();
    child.once('close', (code) => {
      if (this.#stopped) return;
      if (performance.now() - began > STEADY_MS) this.#backoff.reset();
      const waitMs = Math.round(this.#backoff.next());
      this.#log.error({ code, waitMs }, 'ulogd ended: packets are not logged until it is back');
      setTimeout(() => this.#stopped || this.#spawn(config), waitMs);
    });
  }

  #take(line: string): void {
    try {
      const packet = parseLogLine(line);
      if (!packet) return;
      this.#logged += 1;
      this.#log.info(packet, 'packet');
    } catch (error) {
      this.#log.debug({ error, line }, 'ulogd wrote a line that is not JSON');
    }
  }
}
