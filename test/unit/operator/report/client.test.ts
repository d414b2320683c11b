// SPDX-License-Identifier: Apache-2.0
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { readPage } from '../../../../operator/report/client.ts';

const close: (() => void)[] = [];
afterEach(() => {
  for (const each of close.splice(0)) each();
});

/** Reads from an instance that answers each request in this way. */
async function readFrom(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
    close.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(() => server.close());
  const { port } = server.address() as { readonly port: number };
  const signal = AbortSignal.timeout(300);
  const request = { ip: '127.0.0.1', port, path: '/report', mostBytes: 1000, signal, spend: () => {} };
  return readPage({ ...request, channel: { kind: 'Former' } });
}

const send = (text: string) => (socket: Socket) => void socket.write(text);
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: ';

// security.md: tenant-floods-operator
describe('an instance that misbehaves costs no more than the time of a request, and gives no report', () => {
  test.each<[string, (socket: Socket) => void]>([
    [
      'answers with another protocol',
      send('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    ],
    ['never answers', () => {}],
    ['sends informational answers without end', send('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000))],
    ['ends in the middle', (socket) => socket.write(`${HEAD}100\r\n\r\nabc`, () => socket.destroy())],
    ['stays in the middle', send(`${HEAD}100\r\n\r\nabc`)],
    ['sends no HTTP', send('garbage\r\n\r\n')],
    ['sends headers without end', send(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)],
    ['sends more than it may', send(`${HEAD}5000\r\n\r\n${'x'.repeat(5000)}`)],
    [
      'sends elsewhere',
      send('HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n'),
    ],
    ['resets the connection', (socket) => socket.resetAndDestroy()],
  ])('%s', async (_what, answer) => {
    const began = performance.now();
    await expect(readFrom(answer)).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('one that behaves is read', async () => {
    expect(await readFrom(send(`${HEAD}3\r\n\r\nabc`))).toBe('abc');
  });
});
