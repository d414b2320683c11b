// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program that the user has; undefined when there is none. */
export function findCommand(name: string, path: string = process.env.PATH ?? ''): string | undefined {
  // Debian has debootstrap and similar programs in folders that are not in the PATH of a plain user.
  for (const directory of [...path.split(delimiter), '/usr/sbin', '/sbin']) {
    const candidate = join(directory, name);
    if (directory !== '' && isExecutable(candidate)) return candidate;
  }
  return undefined;
}

export function hasCommand(name: string): boolean {
  return findCommand(name) !== undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
