// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Killed processes end within milliseconds, or a little later on a busy machine. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 20;

/**
 * Kills all processes in a network namespace, repeatedly until none is left: a killed process may have just started
 * another one, and its children go on (in a container they would end too).
 */
export async function endAllIn(namespace: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = await pidsIn(namespace);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`${namespace}: ${left.join(', ')} are still running`);
    for (const pid of left) kill(pid);
    await sleep(LOOK_MS);
  }
}

/** Removes a network namespace and all processes in it. A namespace that does not exist is not an error. */
export async function removeNamespace(namespace: string): Promise<void> {
  const { stdout } = await execute('ip', ['netns', 'list']);
  // Each line has a name, sometimes followed by an id.
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
    // The process ended by itself in the meantime, for example because the other end of its connection was killed.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
