// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';
import { findMissing } from '../../support/needs.ts';

const execute = promisify(execFile);

/** The Node that the project pins, whichever Node runs the tests. */
export const NODE = join(import.meta.dirname, '../../../node_modules/.bin/node');

/** Runs a program to its end; returns its output. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Runs a program in a network namespace to its end; returns its output. */
export function inside(namespace: string, ...command: readonly string[]): Promise<string> {
  return run('ip', 'netns', 'exec', namespace, ...command);
}

/** Runs lines of shell in a network namespace. */
export function shell(namespace: string, script: string): Promise<string> {
  return inside(namespace, 'sh', '-ec', script);
}

/** Why these tests cannot run here; undefined when they can. */
export function missingForVpn(): string | undefined {
  return findMissing(['ip', 'nft', 'wg', 'wg-quick', 'wireguard-go']);
}

/** A process that answers each line with a line. */
export class Conversation {
  readonly child: ChildProcess;
  /** All output besides the answers. */
  said = '';
  readonly #lines: Interface;
  readonly #answers: string[] = [];
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #ended = false;

  constructor(command: readonly [string, ...string[]], options: { readonly cwd?: string } = {}) {
    const [program, ...args] = command;
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    // EPIPE: the process has ended, and `next` reports it.
    this.child.stdin?.on('error', () => {});
    this.child.stderr?.on('data', (data) => {
      this.said += String(data);
    });
    this.#lines = createInterface({ input: this.child.stdout! });
    this.#lines.on('line', (line) => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(line);
      else this.#answers.push(line);
    });
    this.#lines.on('close', () => {
      this.#ended = true;
      for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    });
  }

  async next(): Promise<string> {
    const answer = this.#answers.shift();
    if (answer !== undefined) return answer;
    const line = this.#ended
      ? undefined
      : await new Promise<string | undefined>((resolve) => this.#waiting.push(resolve));
    if (line === undefined) throw new Error(`the process ended: ${this.said.slice(-2000)}`);
    return line;
  }

  ask(line: string): Promise<string> {
    this.child.stdin?.write(`${line}\n`);
    return this.next();
  }

  /** Kills it, as a crash would. */
  kill(): Promise<void> {
    return new Promise((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return resolve();
      this.child.once('exit', () => resolve());
      this.child.kill('SIGKILL');
    });
  }
}
