import { createSocket, type Socket } from 'node:dgram';
import type { FlowLoss, FlowsCommand, FlowsSetup } from './flows.ts';

/**
 * Runs inside a pod: either sends numbered UDP on several flows and hears their echoes, or echoes. A packet counts when
 * it came back, so a loss on either way is one.
 */

const LATE_MS = 1000;

interface Flow {
  readonly port: number;
  readonly socket: Socket;
  /** When each number was sent; NaN once it came back in time. */
  readonly sent: number[];
}

let flows: readonly Flow[] = [];

function echo(port: number, family: 'udp4' | 'udp6'): void {
  const socket = createSocket(family);
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  socket.bind(port, () => process.send?.({ ready: true }));
}

async function startFlows({
  address,
  port,
  firstPort,
  count,
  everyMs,
}: Extract<FlowsSetup, { kind: 'Send' }>) {
  const family = address.includes(':') ? 'udp6' : 'udp4';
  flows = await Promise.all(
    Array.from({ length: count }, (_, index) => openFlow(firstPort + index, { family, address, port })),
  );
  let due = performance.now();
  const tick = () => {
    for (const flow of flows) sendNext(flow);
    due = Math.max(due + everyMs, performance.now());
    setTimeout(tick, Math.max(0, due - performance.now()));
  };
  tick();
  process.send?.({ ready: true });
}

function openFlow(
  port: number,
  to: { readonly family: 'udp4' | 'udp6'; readonly address: string; readonly port: number },
): Promise<Flow> {
  const socket = createSocket(to.family);
  const flow: Flow = { port, socket, sent: [] };
  socket.on('message', (message) => {
    const number = message.readUInt32LE(0);
    if (performance.now() - flow.sent[number]! < LATE_MS) flow.sent[number] = Number.NaN;
  });
  // A hop that is down may answer by ICMP: it is a loss like any other.
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.bind(port, () => socket.connect(to.port, to.address, () => resolve(flow)));
  });
}

function sendNext({ socket, sent }: Flow): void {
  const message = Buffer.alloc(64);
  message.writeUInt32LE(sent.length, 0);
  sent.push(performance.now());
  socket.send(message, () => undefined);
}

/** What was lost of each flow since a time; the last packets may be under way still. */
function reckon(since: number, settleMs: number): FlowLoss[] {
  const until = performance.now() - settleMs;
  return flows.map(({ port, sent }) => {
    let lost = 0;
    let first = Number.NaN;
    let last = Number.NaN;
    for (const time of sent) {
      if (Number.isNaN(time) || time < since || time > until) continue;
      lost += 1;
      if (Number.isNaN(first)) first = time;
      last = time;
    }
    return { port, lost, spanMs: lost === 0 ? 0 : last - first };
  });
}

process.on('message', (message: { id: number } & (FlowsSetup | FlowsCommand)) => {
  switch (message.kind) {
    case 'Echo':
      return echo(message.port, message.family);
    case 'Send':
      void startFlows(message);
      return;
    case 'Now':
      process.send?.({ id: message.id, result: performance.now() });
      return;
    case 'Losses':
      process.send?.({ id: message.id, result: reckon(message.since, message.settleMs) });
      return;
  }
});
process.on('disconnect', () => process.exit(0));
