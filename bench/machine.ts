// SPDX-License-Identifier: Apache-2.0
import { cpus, loadavg, release } from 'node:os';
import { execa } from 'execa';
import type { Circumstances } from './results.ts';

/** Describes the machine, and its load at this moment. */
export async function observeMachine({ quick }: { readonly quick: boolean }): Promise<Circumstances> {
  const { stdout: commit } = await execa('git', ['rev-parse', '--short', 'HEAD'], { reject: false });
  const { stdout: changes } = await execa(
    'git',
    ['status', '--porcelain', '-uno', '--', 'agent', 'operator'],
    {
      reject: false,
    },
  );
  const all = cpus();
  return {
    date: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    commit: `${commit || 'unknown'}${changes ? ' with changes' : ''}`,
    kernel: release(),
    cpus: `${all.length} CPUs (${all[0]?.model.trim() ?? 'unknown'})`,
    load: loadavg()
      .map((load) => load.toFixed(2))
      .join(' '),
    quick,
  };
}
