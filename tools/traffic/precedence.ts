// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { execa } from 'execa';

/** The root group of cgroup v1: groups below it have no budget for real-time processes. */
const CPU_GROUP = '/sys/fs/cgroup/cpu/cgroup.procs';

/**
 * Lets both ends of a traffic run before all other processes of this machine. A socket holds some 270 small datagrams:
 * an end that waits long for a processor loses datagrams, and the test would take that for a fault of the path.
 * @param name of the traffic: in the command line of both
 */
export async function giveWay(name: string): Promise<void> {
  await giveWayTo(await findProcesses(name));
}

/** Gives priority to these processes, and to all that they start from now on. */
export async function giveWayTo(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    // Where this is not allowed, the traffic runs with normal priority.
    await writeFile(CPU_GROUP, String(pid)).catch(() => undefined);
    await execa('chrt', ['--all-tasks', '--fifo', '--pid', '1', String(pid)], { reject: false });
  }
}

async function findProcesses(name: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  const found: number[] = [];
  for (const pid of pids) {
    // A process may end meanwhile.
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(name)) found.push(pid);
  }
  return found;
}
