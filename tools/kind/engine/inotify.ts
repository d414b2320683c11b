// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import type { Progress } from '../progress.ts';
import { readFileIfThere } from './detect.ts';
import { isRoot } from './install.ts';

const setting = '/proc/sys/fs/inotify/max_user_instances';
/** A cluster of three takes some 60; most systems allow 128, and past that kubelets wait for ever. */
const wanted = 512;

/**
 * All containers share this limit of the kernel's, so two clusters reach it. It is raised until the next boot,
 * and said; no file is changed.
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
