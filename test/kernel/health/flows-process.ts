// SPDX-License-Identifier: Apache-2.0
import { createSocket, type Socket } from 'node:dgram';
import type { FlowLoss, FlowsCommand, FlowsSetup } from './flows.ts';

/**
 * Runs inside a pod: sends numbered UDP on several flows and receives their echoes, or echoes. A packet counts when it
 * came back, so a loss in either direction counts.
 */

const LATE_MS = 1000;

interface Flow {
  readonly port: number;
  readonly socket: Socket;
  /** When each number was sent. */
  readonly sent: number[];
  /** Whether it came back in time. */
  readonly arrived: boolean[];
}

let flows: readonly Flow[] = [];

/** A socket for each port, so that each flow has a buffer of its own when this process must wait for the processor. */
async function echo({ port, ports, family }: Extract<FlowsSetup, { kind: 'Echo' }>): Promise<void> {
  for (let index = 0; index < ports; index++) {
    const socket = createSocket(family);
    socket.on('message', (message, from) => socket.send(message, from.port, from.address));
    await new Promise<void>((resolve) => socket.bind(port + index, resolve));
  }
  process.send?.({ ready: true });
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
    Array.from({ length: count }, (_, index) =>
      openFlow(firstPort + index, { family, address, port: port + index }),
    ),
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
  const flow: Flow = { port, socket, sent: [], arrived: [] };
  socket.on('message', (message) => {
    const number = message.readUInt32LE(0);
    flow.arrived[number] = performance.now() - flow.sent[number]! < LATE_MS;
  });
  // A hop that is down may answer by ICMP, which is a loss too.
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

/** The losses of each flow, for packets sent between two times. */
function reckon(since: number, until: number): FlowLoss[] {
  return flows.map(({ port, sent, arrived }) => {
    let lost = 0;
    let gapMs = 0;
    let lastArrived: number | undefined;
    let lostSince = 0;
    let lagMs = 0;
    for (const [number, time] of sent.entries()) {
      if (time < since || time > until) continue;
      lagMs = Math.max(lagMs, time - (sent[number - 1] ?? time));
      lastArrived ??= time;
      if (arrived[number]) {
        if (lostSince > 0) gapMs = Math.max(gapMs, time - lastArrived);
        lastArrived = time;
        lostSince = 0;
      } else {
        lost += 1;
        lostSince += 1;
      }
    }
    if (lostSince > 0) gapMs = Math.max(gapMs, until - lastArrived!);
    return { port, lost, gapMs, lagMs };
  });
}

/**
 * Computes losses after a delay: packets may still be in transit, and on a busy machine the echoing process may be
 * late.
 */
function reckonLater({ id, since, settleMs }: { id: number } & Extract<FlowsCommand, { kind: 'Losses' }>) {
  const until = performance.now();
  setTimeout(() => process.send?.({ id, result: reckon(since, until) }), settleMs);
}

process.on('message', (message: { id: number } & (FlowsSetup | FlowsCommand)) => {
  switch (message.kind) {
    case 'Echo':
      void echo(message);
      return;
    case 'Send':
      void startFlows(message);
      return;
    case 'Now':
      process.send?.({ id: message.id, result: performance.now() });
      return;
    case 'Losses':
      return reckonLater(message);
  }
});
process.on('disconnect', () => process.exit(0));
