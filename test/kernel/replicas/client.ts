// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * Runs in a pod: keeps flows to an echo server and reports their state. A line of standard input is a command in JSON,
 * a line of standard output its answer: `open` makes flows, `ping` sends over every flow and waits for the echo,
 * `close` ends them all.
 */
export type Command =
  | {
      readonly do: 'open';
      readonly protocol: 'TCP' | 'UDP';
      readonly host: string;
      readonly port: number;
      readonly count: number;
      readonly patienceMs?: number;
    }
  | {
      readonly do: 'ping';
      /** How long the server waits before it answers. */
      readonly waitMs?: number;
      /** How long to wait for the answer. */
      readonly patienceMs?: number;
    }
  | { readonly do: 'close' };

export interface Answer {
  /** Local ports of the flows that were opened, or that answered. */
  readonly ports: readonly number[];
  /** Why the other flows failed: `ECONNRESET`, `timeout`. */
  readonly failures: readonly string[];
}

interface Flow {
  readonly port: number;
  exchange(patienceMs?: number, waitMs?: number): Promise<void>;
  close(): void;
}

const flows: Flow[] = [];
const PATIENCE_MS = 3_000;

/** The number of flows at once: the server's socket buffer holds no more answers. */
const ABREAST = 50;

async function run(command: Command): Promise<Answer> {
  if (command.do === 'close') {
    for (const flow of flows.splice(0)) flow.close();
    return { ports: [], failures: [] };
  }
  const tasks: readonly (() => Promise<number>)[] =
    command.do === 'open'
      ? Array.from({ length: command.count }, () => async () => {
          const flow = command.protocol === 'TCP' ? await openTcp(command) : await openUdp(command);
          flows.push(flow);
          await flow.exchange(command.patienceMs);
          return flow.port;
        })
      : flows.map((flow) => async () => {
          await flow.exchange(command.patienceMs, command.waitMs);
          return flow.port;
        });
  const ports: number[] = [];
  const failures: string[] = [];
  for (let first = 0; first < tasks.length; first += ABREAST) {
    const batch = tasks.slice(first, first + ABREAST).map((task) => task());
    for (const result of await Promise.allSettled(batch)) {
      if (result.status === 'fulfilled') ports.push(result.value);
      else failures.push((result.reason as { code?: string }).code ?? String(result.reason));
    }
  }
  return { ports, failures };
}

function openTcp({ host, port }: { host: string; port: number }): Promise<Flow> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      const local = socket.localPort ?? 0;
      let failure: Error | undefined;
      socket.on('error', (error) => {
        failure = error;
      });
      socket.on('close', () => {
        failure ??= Object.assign(new Error('closed'), { code: 'closed' });
      });
      const exchange = (patienceMs?: number, waitMs = 0) =>
        failure
          ? Promise.reject(failure)
          : answered(
              patienceMs,
              (done) => socket.once('data', done),
              () => socket.write(String(waitMs)),
            );
      resolve({ port: local, exchange, close: () => socket.destroy() });
    });
  });
}

function openUdp({ host, port }: { host: string; port: number }): Promise<Flow> {
  return new Promise((resolve, reject) => {
    const socket: UdpSocket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.connect(port, host, () => {
      const exchange = (patienceMs?: number, waitMs = 0) =>
        answered(
          patienceMs,
          (done) => socket.once('message', done),
          () => socket.send(String(waitMs)),
        );
      resolve({ port: socket.address().port, exchange, close: () => socket.close() });
    });
  });
}

function answered(
  patienceMs: number | undefined,
  listen: (done: () => void) => void,
  send: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(Object.assign(new Error('timeout'), { code: 'timeout' })),
      patienceMs ?? PATIENCE_MS,
    );
    listen(() => {
      clearTimeout(timer);
      resolve();
    });
    send();
  });
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(JSON.parse(line) as Command)));
  }
}
