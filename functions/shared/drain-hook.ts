// SPDX-License-Identifier: Apache-2.0
import { existsSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drainFiles } from '../../api/function-environment.ts';

/** The preStop hook of our own container, as the program sees it. */
export interface DrainHook {
  /** Ends the hook: the runtime may stop the container. */
  finish(): void;
  close(): void;
}

/**
 * Calls `onAsked` once when the hook asks for the drain. What a former run of the program in this container left behind is
 * removed first; a hook that waits asks again.
 */
export function watchDrainHook(folder: string, onAsked: () => void): DrainHook {
  const [asked, done] = [join(folder, drainFiles.asked), join(folder, drainFiles.done)];
  for (const file of [asked, done]) rmSync(file, { force: true });
  const watcher = watch(folder, () => {
    if (!existsSync(asked)) return;
    watcher.close();
    onAsked();
  });
  return { finish: () => writeFileSync(done, ''), close: () => watcher.close() };
}
