// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { execa } from 'execa';

/** Names of namespaces contain the process id, so that a run can remove those of a killed run. */
const NAME = /^hb(\d+)-/;
const FOLDER = '/run/netns';

/**
 * Settings that switch br_netfilter off. In a kernel that has it, every new namespace starts with it on, which costs a
 * fifth of a bridge's speed.
 */
export const WITHOUT_BR_NETFILTER: readonly string[] = ['iptables', 'ip6tables', 'arptables'].map(
  (table) => `net.bridge.bridge-nf-call-${table}=0`,
);

/** Network namespaces that the benchmark makes, and removes with everything in them. */
export class Namespaces {
  readonly #made: string[] = [];

  /** Makes a namespace; returns its full name. */
  async add(name: string): Promise<string> {
    const full = `hb${process.pid}-${name}`;
    this.#made.push(full);
    await execa('ip', ['netns', 'add', full]);
    await this.configure(full, ['link set lo up']);
    return full;
  }

  /** Runs several `ip` commands by one process. */
  async configure(netns: string, commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    await execa('ip', ['-n', netns, '-batch', '-'], { input: `${commands.join('\n')}\n` });
  }

  async close(): Promise<void> {
    for (const name of this.#made.splice(0).reverse()) await deleteNamespace(name);
  }
}

/** Runs a program in a namespace. */
export async function runIn(netns: string, command: readonly string[], input?: string): Promise<string> {
  const { stdout } = await execa('ip', ['netns', 'exec', netns, ...command], {
    ...(input === undefined ? {} : { input }),
    timeout: 60_000,
  });
  return stdout;
}

/** Removes the namespaces of benchmarks that were killed. */
export async function removeLeftNamespaces(): Promise<void> {
  for (const name of await readdir(FOLDER).catch(() => [])) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (pid && !isAlive(pid)) await deleteNamespace(name);
  }
}

async function deleteNamespace(name: string): Promise<void> {
  await execa('ip', ['netns', 'del', name], { reject: false });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
