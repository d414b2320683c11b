// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import type { TrafficPlan, TrafficResult } from './result.ts';

// Traffic whose every loss is seen. It imports nothing of ours but types, since pods run it as a text (`program.ts`).
const plan = JSON.parse(process.argv.at(-1) ?? '') as TrafficPlan;

const DATAGRAM_EVERY_MS = 10;
const QUESTION_EVERY_MS = 250;
/** A datagram that is not back within this time after the end is lost. */
const LAST_DATAGRAMS_MS = 1000;
const CONNECT_MS = 10_000;
const TICK_MS = 5;
const MOST_GAPS = 50;
const QUESTION = Buffer.alloc(64, 'heddle');

/** Calls back at this rate, and makes up for a timer that came late. */
function evenly(perSecond: number, act: () => void): () => void {
  const started = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) * perSecond) / 1000;
    for (; done < due; done++) act();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** The line on stderr that says that all parts of the plan run. */
const SETTLED = 'settled';

let isLate = false;

interface Datagrams {
  readonly sentAt: number[];
  readonly back: Set<number>;
  stop(): void;
}

function sendDatagrams(): Datagrams {
  const socket = createSocket(plan.address.includes(':') ? 'udp6' : 'udp4');
  const sentAt: number[] = [];
  const back = new Set<number>();
  socket.on('message', (message) => isLate || back.add(message.readUInt32LE()));
  // An ICMP error means that a datagram does not come back, which is counted anyway.
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
/** True when nothing new begins, and pending answers are waited for. */
let isEnding = false;
/** True when the result is complete. */
let isOver = false;

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
    if (!isOver) tcp.broken.push(`${new Date().toISOString()} port ${localPort}: ${why}`);
    missing = 0;
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
    answering.add(socket);
    tcp.slowestMs = Math.max(tcp.slowestMs, performance.now() - askedAt);
    setTimeout(ask, QUESTION_EVERY_MS);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => broke(error.code ?? error.message));
  socket.on('close', () => broke('closed'));
  waiting.add(() => (missing > 0 ? performance.now() - askedAt : 0));
}

/** Open connections that have had an answer. */
const answering = new Set<Socket>();
/** For each open connection, how long it has waited for its answer so far. */
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
  const waits = [...waiting].map((wait) => wait()).filter((ms) => ms > 0);
  return {
    udp: { sent, lost, gaps },
    tcp: { ...tcp, unanswered: waits.length, slowestMs: Math.max(tcp.slowestMs, ...waits) },
    fresh,
    pausedMs,
  };
}

function datagramsAreBack(): boolean {
  return flows.every(({ sentAt, back }) => back.size === sentAt.length);
}

function areAnswered(): boolean {
  return underWay.size === 0 && [...waiting].every((wait) => wait() === 0);
}

/** Reports once that everything runs: each connection and each flow of datagrams has had an answer. */
function watchStart(): void {
  const timer = setInterval(() => {
    if (answering.size < plan.connections) return;
    if (flows.some(({ back }) => back.size === 0)) return;
    clearInterval(timer);
    process.stderr.write(`${SETTLED}\n`);
  }, TICK_MS);
}

const flows = Array.from({ length: plan.datagramFlows }, sendDatagrams);
for (let count = 0; count < plan.connections; count++) setTimeout(keepConnection, count * 2);
const stopFresh = plan.newPerSecond > 0 ? evenly(plan.newPerSecond, openFresh) : () => undefined;

/** Ends the run when all answers are back, or when none can come any more. */
function end(): void {
  isEnding = true;
  for (const { stop } of flows) stop();
  stopFresh();
  const ended = performance.now();
  const timer = setInterval(() => {
    const waitedMs = performance.now() - ended;
    isLate = waitedMs > LAST_DATAGRAMS_MS;
    // TCP retransmits lost data, and gets the time for it.
    const isOpen = !(isLate || datagramsAreBack()) || !areAnswered();
    if (isOpen && waitedMs < CONNECT_MS) return;
    clearInterval(timer);
    const result = summarize(flows);
    isOver = true;
    // Exits only after the line is written, since a pipe may be slow.
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  }, TICK_MS);
}

watchStart();
process.once('SIGTERM', end);
if (plan.seconds !== undefined) setTimeout(end, plan.seconds * 1000);
