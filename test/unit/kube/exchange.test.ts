// SPDX-License-Identifier: Apache-2.0
import { Agent } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Session } from '../../../kube/credentials.ts';
import { exchange, stream } from '../../../kube/exchange.ts';
import { FakeClock } from './base/fake-clock.ts';

/** Connections that nobody answers, as where a packet that asks for one is dropped. */
class Silence extends Agent {
  readonly opened: Socket[] = [];

  override createConnection(): Socket {
    const socket = new Socket();
    Object.defineProperty(socket, 'connecting', { value: true });
    this.opened.push(socket);
    return socket;
  }
}

function silentSession(): { readonly session: Session; readonly silence: Silence } {
  const silence = new Silence();
  const base = new URL('http://127.0.0.1:1');
  return { session: { base, headers: {}, agents: { requests: silence, watches: silence } }, silence };
}

async function untilOpened({ opened }: Silence): Promise<void> {
  while (opened.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

test('a connection that nobody answers is given up after a second, and counts as unreachable', async () => {
  const clock = new FakeClock();
  const { session, silence } = silentSession();
  const call = { timeoutMs: 30_000 };
  const asked = exchange(session, { method: 'GET', path: '/readyz', call, userAgent: 'test', clock });
  const failed = expect(asked).rejects.toMatchObject({ status: 0, reason: 'Unreachable' });
  await untilOpened(silence);
  await clock.advance(999);
  expect(silence.opened[0]!.destroyed).toBe(false);
  await clock.advance(1);
  await failed;
  expect(silence.opened[0]!.destroyed).toBe(true);
});

test('a watch on a connection that nobody answers is given up after a second too', async () => {
  const clock = new FakeClock();
  const { session, silence } = silentSession();
  const call = { signal: new AbortController().signal, idleTimeoutMs: 180_000, onValue: () => undefined };
  const failed = expect(
    stream(session, { path: '/api/v1/pods', call, userAgent: 'test', clock }),
  ).rejects.toMatchObject({
    reason: 'Unreachable',
  });
  await untilOpened(silence);
  await clock.advance(1000);
  await failed;
});

test('a connection that a load balancer takes and resets counts as unreachable', async () => {
  const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new https.Agent();
  const session: Session = {
    base: new URL(`https://127.0.0.1:${port}`),
    headers: {},
    agents: { requests: agent, watches: agent },
  };
  const outgoing = {
    method: 'GET',
    path: '/readyz',
    call: {},
    userAgent: 'test',
    clock: new FakeClock(),
  } as const;
  await expect(exchange(session, outgoing)).rejects.toMatchObject({
    reason: 'Unreachable',
    message: expect.stringContaining('GET /readyz'),
  });
  agent.destroy();
  await new Promise((resolve) => server.close(resolve));
});
