import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import type { TrafficPlan, TrafficResult } from './result.ts';

// Traffic whose every loss is seen. It imports nothing of ours but types, since pods run it as a text (`program.ts`).
const plan = JSON.parse(process.argv.at(-1) ?? '') as TrafficPlan;

const DATAGRAM_EVERY_MS = 10;
const QUESTION_EVERY_MS = 250;
/** What is not back by then is lost. */
const LAST_ANSWERS_MS = 1000;
const CONNECT_MS = 10_000;
const TICK_MS = 5;
const MOST_GAPS = 50;
const QUESTION = Buffer.alloc(64, 'heddle');

/** Calls back so often a second, also when a timer came late. */
function evenly(perSecond: number, act: () => void): () => void {
  const started = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) * perSecond) / 1000;
    for (; done < due; done++) act();
  }, TICK_MS);
  return () => clearInterval(timer);
}

interface Datagrams {
  readonly sentAt: number[];
  readonly back: Set<number>;
  stop(): void;
}

function sendDatagrams(): Datagrams {
  const socket = createSocket(plan.address.includes(':') ? 'udp6' : 'udp4');
  const sentAt: number[] = [];
  const back = new Set<number>();
  socket.on('message', (message) => back.add(message.readUInt32LE()));
  // An ICMP error is a datagram that does not come back; it is counted as that.
  socket.on('error', () => undefined);
  const stop = evenly(1000 / DATAGRAM_EVERY_MS, () => {
    const message = Buffer.alloc(32);
    message.writeUInt32LE(sentAt.length);
    sentAt.push(Date.now());
    socket.send(message, plan.port, plan.address, () => undefined);
  });
  return { sentAt, back, stop };
}

const tcp = { opened: 0, answers: 0, broken: [] as string[], slowestMs: 0 };
let isEnding = false;

function keepConnection(): void {
  const socket = connect({ port: plan.port, host: plan.address, noDelay: true });
  let askedAt = 0;
  let missing = 0;
  const ask = () => {
    if (isEnding) return;
    askedAt = performance.now();
    missing = QUESTION.length;
    socket.write(QUESTION);
  };
  const broke = (why: string) => {
    if (!isEnding) tcp.broken.push(`${new Date().toISOString()} port ${localPort}: ${why}`);
    socket.removeAllListeners('close');
    socket.destroy();
  };
  let localPort = 0;
  socket.on('connect', () => {
    localPort = socket.localPort ?? 0;
    tcp.opened += 1;
    ask();
  });
  socket.on('data', (data) => {
    missing -= data.length;
    if (missing > 0) return;
    tcp.answers += 1;
    tcp.slowestMs = Math.max(tcp.slowestMs, performance.now() - askedAt);
    setTimeout(ask, QUESTION_EVERY_MS);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => broke(error.code ?? error.message));
  socket.on('close', () => broke('closed'));
  waiting.add(() => (missing > 0 ? performance.now() - askedAt : 0));
}

/** How long each kept connection has waited for its answer now. */
const waiting = new Set<() => number>();

const fresh = { opened: 0, failed: [] as string[], slowestMs: 0 };
const underWay = new Set<Socket>();

function openFresh(): void {
  const started = performance.now();
  const socket = connect({ port: plan.port, host: plan.address, noDelay: true });
  underWay.add(socket);
  let missing = QUESTION.length;
  const settle = (failure?: string) => {
    if (!underWay.delete(socket)) return;
    clearTimeout(deadline);
    if (failure === undefined) fresh.opened += 1;
    else fresh.failed.push(`${new Date().toISOString()} ${failure}`);
    fresh.slowestMs = Math.max(fresh.slowestMs, performance.now() - started);
  };
  const deadline = setTimeout(() => {
    settle(`no answer within ${CONNECT_MS} ms`);
    socket.destroy();
  }, CONNECT_MS);
  socket.on('connect', () => socket.write(QUESTION));
  socket.on('data', (data) => {
    missing -= data.length;
    if (missing > 0) return;
    settle();
    socket.end();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  socket.on('close', () => settle('closed'));
}

let pausedMs = 0;
let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  pausedMs = Math.max(pausedMs, now - lastTick - TICK_MS);
  lastTick = now;
}, TICK_MS);

function summarize(flows: readonly Datagrams[]): TrafficResult {
  const gaps: { at: string; packets: number }[] = [];
  let lost = 0;
  for (const { sentAt, back } of flows) {
    let previous = -2;
    for (const [number, at] of sentAt.entries()) {
      if (back.has(number)) continue;
      lost += 1;
      const gap = gaps.at(-1);
      if (gap && previous === number - 1) gap.packets += 1;
      else if (gaps.length < MOST_GAPS) gaps.push({ at: new Date(at).toISOString(), packets: 1 });
      previous = number;
    }
  }
  const sent = flows.reduce((sum, { sentAt }) => sum + sentAt.length, 0);
  const unanswered = Math.max(0, ...[...waiting].map((wait) => wait()));
  return {
    udp: { sent, lost, gaps },
    tcp: { ...tcp, slowestMs: Math.max(tcp.slowestMs, unanswered) },
    fresh,
    pausedMs,
  };
}

const flows = Array.from({ length: plan.datagramFlows }, sendDatagrams);
for (let count = 0; count < plan.connections; count++) setTimeout(keepConnection, count * 2);
const stopFresh = plan.newPerSecond > 0 ? evenly(plan.newPerSecond, openFresh) : () => undefined;

function end(): void {
  for (const { stop } of flows) stop();
  stopFresh();
  setTimeout(() => {
    const result = summarize(flows);
    isEnding = true;
    // The exit waits for the line: a pipe may be slow.
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  }, LAST_ANSWERS_MS);
}

process.once('SIGTERM', end);
if (plan.seconds !== undefined) setTimeout(end, plan.seconds * 1000);
