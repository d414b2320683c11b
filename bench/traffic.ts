// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

const SOURCES = join(import.meta.dirname, 'traffic');

export interface TrafficEnds {
  readonly client: string;
  readonly server: string;
  readonly address: string;
}

/** The kinds of traffic of `bench/traffic`, and the result of each. */
export interface TrafficAnswers {
  readonly udp: {
    readonly perSecond: number;
    /** Per second of CPU time, of the sender and of the kernel that carries its packets. */
    readonly perCpuSecond: number;
    readonly sent: number;
    readonly received: number;
  };
  readonly stream: { readonly bitsPerSecond: number };
  readonly requests: { readonly perSecond: number };
  readonly connections: { readonly perSecond: number };
  readonly latency: { readonly p50Ns: number; readonly p99Ns: number };
}

/** The program that makes traffic. It is small, so it is compiled when it is needed. */
export class Traffic {
  readonly #folder: string;
  readonly #abort = new AbortController();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async compile(): Promise<Traffic> {
    const folder = await mkdtemp(join(tmpdir(), 'heddle-traffic-'));
    const sources = (await readdir(SOURCES)).filter((file) => file.endsWith('.c'));
    await execa('clang', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', join(folder, 'traffic'), ...sources], {
      cwd: SOURCES,
    });
    return new Traffic(folder);
  }

  /** Sends traffic between two namespaces; returns what arrived in the measured time, after a short warm-up. */
  async run<Mode extends keyof TrafficAnswers>(
    mode: Mode,
    { client, server, address }: TrafficEnds,
    milliseconds: number,
  ): Promise<TrafficAnswers[Mode]> {
    const ends = [`/run/netns/${client}`, `/run/netns/${server}`, address];
    const { stdout } = await execa(join(this.#folder, 'traffic'), [mode, ...ends, String(milliseconds)], {
      cancelSignal: this.#abort.signal,
    });
    return JSON.parse(stdout) as TrafficAnswers[Mode];
  }

  /** Ends running traffic, and removes the program. */
  async close(): Promise<void> {
    this.#abort.abort();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
