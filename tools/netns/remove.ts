// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Processes that were killed are gone after milliseconds; on a machine that has no time for them a little later. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 20;

/**
 * Kills all that runs in a network namespace, and again until nobody is left: what is killed may have just started
 * something, and leaves its children behind, which would go with it in a container.
 */
export async function endAllIn(namespace: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = await pidsIn(namespace);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`${namespace}: ${left.join(', ')} do not end`);
    for (const pid of left) kill(pid);
    await sleep(LOOK_MS);
  }
}

/** Removes a network namespace and all that runs in it. One that is gone already, or was never made, is no error. */
export async function removeNamespace(namespace: string): Promise<void> {
  const { stdout } = await execute('ip', ['netns', 'list']);
  // Each line has a name, and after it perhaps an id.
  if (!stdout.split('\n').some((line) => line.split(' ')[0] === namespace)) return;
  await endAllIn(namespace);
  await execute('ip', ['netns', 'del', namespace]);
}

async function pidsIn(namespace: string): Promise<readonly number[]> {
  const { stdout } = await execute('ip', ['netns', 'pids', namespace]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself between our look and now, for example because whom it spoke to was killed.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
