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

/** The kinds of traffic of `bench/traffic`, and what each answers. */
export interface TrafficAnswers {
  readonly udp: {
    readonly perSecond: number;
    /** For a second of CPU, of the sender and of the kernel that carries its packets. */
    readonly perCpuSecond: number;
    readonly sent: number;
    readonly received: number;
  };
  readonly stream: { readonly bitsPerSecond: number };
  readonly requests: { readonly perSecond: number };
  readonly connections: { readonly perSecond: number };
  readonly latency: { readonly p50Ns: number; readonly p99Ns: number };
}

/** The program that makes traffic: compiled where it is needed, as it is small. */
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

  /** Makes traffic between two namespaces; what arrived in the time asked for, after a short warming up. */
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

  /** Ends what runs, and removes the program. */
  async close(): Promise<void> {
    this.#abort.abort();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
