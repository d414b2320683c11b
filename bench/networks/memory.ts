// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { bpfMaps } from '../../agent/render/generated/layout.ts';

/** The bytes of the data path's maps in the kernel, by the kernel's own count. */
export async function sizeOfMaps(mapsDir: string): Promise<number> {
  let bytes = 0;
  for (const name of Object.keys(bpfMaps)) {
    const { stdout } = await execa('bpftool', ['-j', 'map', 'show', 'pinned', join(mapsDir, name)]);
    bytes += (JSON.parse(stdout) as { readonly bytes_memlock: number }).bytes_memlock;
  }
  return bytes;
}

/** The resident memory of this process, and of the processes that it started. */
export function residentBytes(): { readonly agent: number; readonly children: number } {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return {
    agent: residentOf(process.pid),
    children: children
      .split(' ')
      .filter(Boolean)
      .reduce((sum, pid) => sum + residentOf(Number(pid)), 0),
  };
}

function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
