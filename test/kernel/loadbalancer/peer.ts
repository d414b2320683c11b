// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

// The program of a host in these tests: orders come as lines of JSON, and so do the answers.

interface Order {
  readonly id: number;
  readonly do: string;
  readonly name: string;
  readonly ports: readonly number[];
  readonly host: string;
  readonly port: number;
  readonly count: number;
  readonly key: string;
  readonly word: string;
  readonly udp?: boolean;
  readonly patienceMs?: number;
}

const PATIENCE_MS = 3000;
const LOAD_PAUSE_MS = 10;
const guests = new Set<Socket>();
const opened = new Map<string, Line>();
const loads = new Map<string, { stop: boolean; good: number; bad: string[]; done: Promise<unknown> }>();

createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line) as Order;
  void obey(order).then((answer) =>
    process.stdout.write(`${JSON.stringify({ id: order.id, answer: answer ?? null })}\n`),
  );
});

async function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'serve':
      return Promise.all(order.ports.map((port) => serve(order.name, port)));
    case 'tcp':
      return repeat(order.count, () => timed(() => askTcp(order.host, order.port)));
    case 'udp':
      return repeat(order.count, () => timed(() => askUdp(order.host, order.port)));
    case 'open': {
      const line = order.udp ? openUdp(order) : openTcp(order);
      opened.set(order.key, line);
      return timed(() => line.next(order.patienceMs));
    }
    case 'say':
      return timed(() => {
        opened.get(order.key)!.send(order.word);
        return opened.get(order.key)!.next(order.patienceMs);
      });
    case 'end':
      return timed(() => opened.get(order.key)!.end(order.word));
    case 'http':
      return serveHealth(order.port);
    case 'health':
      status = order.count;
      return undefined;
    case 'asker':
      return asker;
    case 'push':
      for (const socket of guests) socket.write(`${order.word}\n`);
      return undefined;
    case 'broken':
      return timed(() => opened.get(order.key)!.next(order.patienceMs));
    case 'load':
      return void startLoad(order);
    case 'served':
      return loads.get(order.key)!.good;
    case 'unload': {
      const load = loads.get(order.key)!;
      load.stop = true;
      await load.done;
      return { good: load.good, bad: load.bad };
    }
  }
  throw new Error(order.do);
}

async function timed(task: () => Promise<string>): Promise<object> {
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  try {
    const answer = await task();
    return { answer, ms: ms() };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? String(error), ms: ms() };
  }
}

async function repeat<T>(count: number, task: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const worker = async (): Promise<void> => {
    while (results.length < count) {
      const at = results.push(undefined as T) - 1;
      results[at] = await task();
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, 16) }, worker));
  return results;
}

/** Sends each new client the server's name and the client's address; then echoes every word. */
async function serve(name: string, port: number): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    guests.add(socket);
    socket.on('close', () => guests.delete(socket));
    socket.on('error', () => undefined);
    socket.write(`${name} ${socket.remoteAddress?.replace('::ffff:', '')}\n`);
    let heard = '';
    socket.on('data', (data) => {
      heard += String(data);
      socket.write(data);
    });
    socket.on('end', () => socket.end(`heard ${heard}\n`));
  });
  await new Promise<void>((resolve) => server.listen({ port, host: '::', backlog: 4096 }, resolve));
  for (const type of ['udp4', 'udp6'] as const) {
    const socket = createSocket({ type, ipv6Only: type === 'udp6' });
    socket.on('message', (_data, from) => socket.send(`${name} ${from.address}\n`, from.port, from.address));
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.bind(port, resolve));
  }
}

/** The status that health checks get; 0: no answer. */
let status = 200;
let asker = '';

async function serveHealth(port: number): Promise<void> {
  const server = createServer((socket) => {
    asker = socket.remoteAddress?.replace('::ffff:', '') ?? '';
    socket.on('error', () => undefined);
    socket.on('data', () => status !== 0 && socket.end(`HTTP/1.1 ${status} x\r\ncontent-length: 0\r\n\r\n`));
  });
  await new Promise<void>((resolve) => server.listen({ port, host: '::', backlog: 4096 }, resolve));
}

function askTcp(host: string, port: number): Promise<string> {
  const line = openTcp({ host, port });
  return line.next().finally(() => line.close());
}

function askUdp(host: string, port: number): Promise<string> {
  const line = openUdp({ host, port });
  return line.next().finally(() => line.close());
}

interface Line {
  send(word: string): void;
  next(patienceMs?: number): Promise<string>;
  end(word: string): Promise<string>;
  close(): void;
}

/** Received lines, or the reason why none come. */
class Inbox {
  readonly #lines: string[] = [];
  #error: Error | undefined;
  #waiting: (() => void) | undefined;
  #rest = '';

  take(data: string): void {
    const parts = (this.#rest + data).split('\n');
    this.#rest = parts.pop()!;
    this.#lines.push(...parts);
    this.#waiting?.();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.#waiting?.();
  }

  async next(patienceMs = PATIENCE_MS): Promise<string> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#error) throw this.#error;
      const left = until - performance.now();
      if (left <= 0) throw Object.assign(new Error('silence'), { code: 'SILENCE' });
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function openTcp({ host, port }: { readonly host: string; readonly port: number }): Line {
  const inbox = new Inbox();
  const socket: Socket = connect({ host, port, noDelay: true });
  socket.on('data', (data) => inbox.take(String(data)));
  socket.on('error', (error) => inbox.fail(error));
  socket.on('close', () => inbox.fail(Object.assign(new Error('closed'), { code: 'CLOSED' })));
  return {
    send: (word) => void socket.write(`${word}\n`),
    next: (ms) => inbox.next(ms),
    end: async (word) => {
      // Corked, so that the word and the end leave in one packet.
      socket.cork();
      socket.write(word);
      socket.end();
      socket.uncork();
      let all = '';
      for (;;) {
        try {
          all += `${await inbox.next()};`;
        } catch (error) {
          return `${all}${(error as NodeJS.ErrnoException).code}`;
        }
      }
    },
    close: () => socket.destroy(),
  };
}

function openUdp({ host, port }: { readonly host: string; readonly port: number }): Line {
  const inbox = new Inbox();
  const socket: UdpSocket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (data) => inbox.take(String(data)));
  socket.on('error', (error) => inbox.fail(error));
  socket.connect(port, host, () => socket.send('?\n'));
  return {
    send: (word) => socket.send(`${word}\n`),
    next: (ms) => inbox.next(ms),
    end: async () => '',
    close: () => socket.close(),
  };
}

function startLoad({ key, host, port }: Order): void {
  const load = { stop: false, good: 0, bad: [] as string[], done: Promise.resolve() as Promise<unknown> };
  const worker = async (): Promise<void> => {
    while (!load.stop) {
      try {
        await askTcp(host, port);
        load.good += 1;
      } catch (error) {
        load.bad.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
      // Leaves CPU time for the processes that the load must disturb.
      await sleep(LOAD_PAUSE_MS);
    }
  };
  load.done = Promise.all(Array.from({ length: 8 }, worker));
  loads.set(key, load);
}
