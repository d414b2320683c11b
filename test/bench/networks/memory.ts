import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** Bytes that the maps pinned below a folder take in the kernel, as the kernel counts them. */
export async function sizeOfMaps(root: string): Promise<number> {
  const maps = readdirSync(root).find((name) => name.startsWith('maps-'));
  if (maps === undefined) throw new Error(`${root} has no maps`);
  let bytes = 0;
  for (const name of readdirSync(join(root, maps))) {
    const { stdout } = await execa('bpftool', ['-j', 'map', 'show', 'pinned', join(root, maps, name)]);
    bytes += (JSON.parse(stdout) as { readonly bytes_memlock: number }).bytes_memlock;
  }
  return bytes;
}

/** Resident memory of this process and of those that it started, each. */
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
