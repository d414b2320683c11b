// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { World } from '../world/world.ts';
import type { Answer, Command } from './client.ts';

type Process = ReturnType<World['spawn']>;

/** A program that the test controls by lines of JSON. */
export class Flows {
  readonly #process: Process;
  readonly #lines: AsyncIterator<string>;

  constructor(world: World, pod: string) {
    this.#process = world.spawn(pod, [process.execPath, join(import.meta.dirname, 'client.ts')]);
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async run(command: Command): Promise<Answer> {
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the client ended: ${(await this.#process).stderr}`);
    return JSON.parse(value) as Answer;
  }

  async close(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#process;
  }
}

/** Starts an echo server in a pod; it is ready when this returns. The returned function ends it. */
export async function startEcho(world: World, pod: string, port: number): Promise<() => void> {
  const server = world.spawn(pod, [process.execPath, join(import.meta.dirname, 'echo.ts'), String(port)]);
  const { value } = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
  if (value !== 'ready') throw new Error(`the echo server of ${pod} did not start`);
  return () => server.kill('SIGKILL');
}

/** One flow in the connection tracking of an instance. */
export interface Tracked {
  /** The source port of the opener, as this instance saw it. */
  readonly port: number;
  /** Whether replies passed this instance too. */
  readonly bothWays: boolean;
}

/** Makes an instance track what it forwards, without any other effect. */
export const TRACK =
  'table inet track { chain forward { type filter hook forward priority 0; ct state new counter; }; }';

/** Flows of one protocol to `port` that an instance has seen. */
export async function trackedFlows(
  world: World,
  instance: string,
  { protocol, port }: { readonly protocol: 'tcp' | 'udp'; readonly port: number },
): Promise<readonly Tracked[]> {
  const tables = await Promise.all(
    ['ipv4', 'ipv6'].map((family) => world.exec(instance, ['conntrack', '-L', '-f', family, '-p', protocol])),
  );
  return tables
    .join('\n')
    .split('\n')
    .filter((line) => line.includes(` dport=${port} `))
    .map((line) => ({
      port: Number(/ sport=(\d+)/.exec(line)?.[1]),
      bothWays: !line.includes('[UNREPLIED]'),
    }));
}
