// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from '../../kube/base/log.ts';
import { FieldFailure } from '../shared/program.ts';
import { ToolError, type Tools } from '../shared/tools.ts';
import { DEVICE } from './names.ts';

export type WireGuardKind = 'Kernel' | 'Userspace';

/** How long wireguard-go may take to create its interface. */
const START_MS = 5000;
const LOOK_MS = 20;

/**
 * The tunnel's interface. It is created once, by the kernel's WireGuard or, where the kernel has none, by wireguard-go,
 * and stays through all edits: a new interface would end every peer's session.
 */
export class Device {
  readonly #tools: Tools;
  readonly #log: Logger;
  readonly #onLost: () => void;
  #child: ChildProcess | undefined;
  #stopped = false;
  #kind: WireGuardKind | undefined;

  /** `onLost` is called when wireguard-go has ended by itself, and its interface with it. */
  constructor(options: { readonly tools: Tools; readonly log: Logger; readonly onLost: () => void }) {
    this.#tools = options.tools;
    this.#log = options.log;
    this.#onLost = options.onLost;
  }

  get kind(): WireGuardKind | undefined {
    return this.#kind;
  }

  /** Makes sure that the interface exists. One that an earlier process has left is adopted. */
  async ensure(): Promise<void> {
    const present = await this.#lookUp();
    if (present) this.#kind = present;
    else this.#kind = (await this.#askKernel()) ? 'Kernel' : await this.#startUserspace();
  }

  stop(): void {
    this.#stopped = true;
    this.#child?.kill('SIGTERM');
  }

  async #lookUp(): Promise<WireGuardKind | undefined> {
    try {
      const text = await this.#tools.run('ip', ['-d', '-j', 'link', 'show', DEVICE]);
      const [link] = JSON.parse(text) as readonly { readonly linkinfo?: { readonly info_kind?: string } }[];
      return link?.linkinfo?.info_kind === 'wireguard' ? 'Kernel' : 'Userspace';
    } catch (error) {
      if (error instanceof ToolError && /does not exist/.test(error.message)) return undefined;
      throw error;
    }
  }

  /** Whether the kernel could create the interface. Other errors, such as missing rights, are thrown. */
  async #askKernel(): Promise<boolean> {
    try {
      await this.#tools.run('ip', ['link', 'add', DEVICE, 'type', 'wireguard']);
      return true;
    } catch (error) {
      if (error instanceof ToolError && /Unknown device type|not supported/i.test(error.message))
        return false;
      throw error;
    }
  }

  async #startUserspace(): Promise<WireGuardKind> {
    const child = spawn('wireguard-go', ['-f', DEVICE], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, LOG_LEVEL: 'error' },
    });
    this.#child = child;
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (said.length > 5) said.shift();
        this.#log.debug({ line }, 'wireguard-go');
      });
    }
    let ended: string | undefined;
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('close', (code) => {
      ended ??= `exit ${code}: ${said.join('; ')}`;
      if (!this.#stopped && this.#child === child && this.#kind === 'Userspace') this.#lose(ended);
    });
    for (const until = performance.now() + START_MS; performance.now() < until; ) {
      if (ended !== undefined) break;
      if (await this.#answers()) return 'Userspace';
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    child.kill('SIGKILL');
    throw new FieldFailure(
      'spec',
      `the kernel has no WireGuard and wireguard-go cannot stand in: ${ended ?? 'it does not answer'}. Load the module wireguard on the nodes, or give the pod /dev/net/tun`,
    );
  }

  async #answers(): Promise<boolean> {
    try {
      await this.#tools.run('wg', ['show', DEVICE, 'listen-port']);
      return true;
    } catch (error) {
      if (error instanceof ToolError) return false;
      throw error;
    }
  }

  #lose(reason: string): void {
    this.#kind = undefined;
    this.#child = undefined;
    this.#log.error({ reason }, 'wireguard-go ended; starting it again');
    this.#onLost();
  }
}
