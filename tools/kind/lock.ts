// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDirectory } from './paths.ts';

/**
 * Runs work under a named lock, which holds for all processes that share a cache directory.
 *
 * The lock is a listening socket. The kernel frees it however its owner ends, so there is never a stale lock. On Linux
 * it is in the abstract namespace, so there is no file.
 */
export async function withLock<T>(name: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  const address = lockAddress(name);
  const server = await acquire(address, waiting);
  try {
    return await work();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function lockAddress(name: string): string {
  const id = createHash('sha256').update(`${cacheDirectory()}\0${name}`).digest('hex').slice(0, 24);
  return process.platform === 'linux' ? `\0heddle-${id}` : join(tmpdir(), `heddle-${id}.sock`);
}

async function acquire(address: string, waiting: () => void): Promise<Server> {
  for (let tries = 0; ; tries += 1) {
    const server = await listen(address);
    if (server) return server;
    // Most waits are too short to be reported.
    if (tries === 5) waiting();
    if (!(await holderLives(address)) && !address.startsWith('\0')) rmSync(address, { force: true });
    await sleep(100);
  }
}

function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

function holderLives(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
