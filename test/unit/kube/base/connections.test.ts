// SPDX-License-Identifier: Apache-2.0
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Connections } from '../../../../kube/base/connections.ts';

let port = 0;
function socketOf(remoteAddress: string): Socket & { closed: boolean } {
  port += 1;
  const socket = Object.assign(new EventEmitter(), {
    remoteAddress,
    remotePort: port,
    closed: false,
    destroy: () => {
      socket.closed = true;
      socket.emit('close');
    },
  });
  return socket as unknown as Socket & { closed: boolean };
}

describe('connections of a server', () => {
  const limits = { most: 4, mostEach: 2, mostHandshakes: 3 };

  test('of one address make room among themselves: the oldest goes, and others stay', () => {
    const connections = new Connections(limits);
    const other = socketOf('10.0.0.1');
    connections.add(other);
    const own = [1, 2, 3].map(() => socketOf('10.0.0.2'));
    for (const socket of own) connections.add(socket);
    expect(own.map(({ closed }) => closed)).toEqual([true, false, false]);
    expect(other.closed).toBe(false);
  });

  test('that wait for an answer which they may have are not closed in favour of new ones', () => {
    const connections = new Connections(limits);
    const hook = socketOf('10.0.0.1');
    connections.add(hook);
    connections.keep(hook);
    const strangers = Array.from({ length: 20 }, (_, i) => socketOf(`10.0.1.${i}`));
    for (const socket of strangers) connections.add(socket);
    expect(hook.closed).toBe(false);
    expect(strangers.at(-1)?.closed).toBe(false);
    expect(connections.size).toBe(4);
  });

  test('of one address begin TLS only so often in a second', () => {
    const connections = new Connections(limits);
    const greedy = socketOf('10.0.0.2');
    const began = Array.from({ length: 5 }, () => connections.mayEncrypt(greedy, 500));
    expect(began).toEqual([true, true, true, false, false]);
    expect(connections.mayEncrypt(socketOf('10.0.0.1'), 600)).toBe(true);
    expect(connections.mayEncrypt(greedy, 1000)).toBe(true);
  });
});
