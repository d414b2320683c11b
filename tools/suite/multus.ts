// SPDX-License-Identifier: Apache-2.0
import { binaries } from '../kind/binaries.ts';
import { multusModule } from '../kind/paths.ts';
import { createProgress, type Terminal } from '../kind/progress.ts';
import { ensureBuilt } from '../kind/tools.ts';

/** Multus as its thin plugin, the program that installs it on a node, and a CNI plugin for a second interface. */
export const MULTUS = ['multus', 'thin_entrypoint', 'macvlan'] as const;

/** Whether a cluster test installs Multus on a node. */
export function needsMultus(file: string): boolean {
  return file.endsWith('/multus.test.ts');
}

/** The folder with the programs. */
export function multusPrograms(): string {
  return binaries(multusModule).directory;
}

export function hasMultus(): boolean {
  return binaries(multusModule).has(MULTUS);
}

/** Builds the missing programs, or waits for another run that does. */
export async function ensureMultus(out: Terminal): Promise<void> {
  await ensureBuilt(createProgress('tools', out), binaries(multusModule), MULTUS);
}
