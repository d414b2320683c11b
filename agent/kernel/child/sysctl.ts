import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SysctlEntry } from '../protocol.ts';
import { inNamespace } from './namespace.ts';

/**
 * Writes the switches that differ, in order, and says how many did. What `/proc/sys/net` shows
 * depends on the namespace of whoever looks, so the same root serves every pod.
 */
export function applySysctls(
  root: string,
  args: { netns?: string; entries: readonly SysctlEntry[] },
): number {
  return inNamespace(args.netns, () => args.entries.filter((entry) => writeIfDifferent(root, entry)).length);
}

function writeIfDifferent(root: string, entry: SysctlEntry): boolean {
  const path = join(root, entry.path);
  if (readFileSync(path, 'utf8').trim() === entry.value) return false;
  writeFileSync(path, entry.value);
  return true;
}
