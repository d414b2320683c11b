// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import type { Progress } from '../progress.ts';
import { readFileIfThere } from './detect.ts';
import { isRoot } from './install.ts';

const setting = '/proc/sys/fs/inotify/max_user_instances';
/**
 * The wanted limit. A cluster of three nodes takes some 60 instances; most systems allow 128, and beyond that kubelets
 * wait for ever.
 */
const wanted = 512;

/**
 * Raises a limit of the kernel that all containers share, and that two clusters reach. It stays raised until the next
 * boot. A line of output says so; no file is changed.
 */
export function ensureInotify(progress: Progress): void {
  const limit = Number(readFileIfThere(setting) || wanted);
  if (limit >= wanted) return;
  if (isRoot() && tryRaise()) {
    progress.say(`Raised fs.inotify.max_user_instances from ${limit} to ${wanted} until the next boot.`);
  } else {
    progress.say(
      `fs.inotify.max_user_instances is ${limit}, which is too low for a second cluster: ` +
        `sudo sysctl fs.inotify.max_user_instances=${wanted}`,
    );
  }
}

function tryRaise(): boolean {
  try {
    writeFileSync(setting, String(wanted));
    return true;
  } catch {
    return false;
  }
}
