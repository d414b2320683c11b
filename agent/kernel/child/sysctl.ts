// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { SysctlEntry } from '../protocol.ts';
import { inNamespace } from './namespace.ts';

const content = Buffer.alloc(256);

/**
 * Writes the switches that differ, in order, and returns their number. `/proc/sys/net` shows the namespace of the
 * process that reads it, so one root works for every pod.
 */
export function applySysctls(
  root: string,
  args: { netns?: string; entries: readonly SysctlEntry[] },
): number {
  return inNamespace(args.netns, () => {
    const directories = new OpenDirectories(root);
    try {
      return args.entries.filter((entry) => writeIfDifferent(directories, entry)).length;
    } finally {
      directories.close();
    }
  });
}

/**
 * Opens directories once, and files by them. The kernel's look-up of a path below `/proc/sys/net` takes longer with each
 * namespace that was ever used, and with a thousand pods it takes most of the time of an attachment.
 */
class OpenDirectories {
  readonly #root: string;
  readonly #fds = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  openFile(path: string): number {
    const directory = dirname(path);
    let fd = this.#fds.get(directory);
    if (fd === undefined) {
      fd = openSync(join(this.#root, directory), 'r');
      this.#fds.set(directory, fd);
    }
    return openSync(`/proc/self/fd/${fd}/${basename(path)}`, 'r+');
  }

  close(): void {
    for (const fd of this.#fds.values()) closeSync(fd);
  }
}

function writeIfDifferent(directories: OpenDirectories, entry: SysctlEntry): boolean {
  const fd = openIfThere(directories, entry);
  if (fd === undefined) return false;
  try {
    const length = readSync(fd, content, 0, content.length, 0);
    if (content.toString('utf8', 0, length).trim() === entry.value) return false;
    writeSync(fd, entry.value, 0);
    return true;
  } finally {
    closeSync(fd);
  }
}

function openIfThere(directories: OpenDirectories, { path, optional }: SysctlEntry): number | undefined {
  try {
    return directories.openFile(path);
  } catch (error) {
    if (optional && (error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}
