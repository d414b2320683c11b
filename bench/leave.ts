// SPDX-License-Identifier: Apache-2.0
/** Work to undo when the benchmark ends in any way: also by Ctrl-C, or when the process that started it ends. */
const undo = new Set<() => Promise<unknown>>();
let leaving = false;
const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Registers work to do on a signal; dispose of the result when the work is done. */
export function onExit(work: () => Promise<unknown>): Disposable {
  undo.add(work);
  return { [Symbol.dispose]: () => undo.delete(work) };
}

/**
 * Undoes everything and exits on a signal. A second signal changes nothing, since the first one needs only a moment.
 */
export function leaveOnSignals(): void {
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, async () => {
      if (leaving) return;
      leaving = true;
      console.error(`\n${signal}: removing what was made`);
      for (const work of [...undo].reverse())
        await work().catch((error: unknown) => console.error(error instanceof Error ? error.message : error));
      process.exit(code);
    });
  }
}

/** Whether a signal is ending the benchmark now: failures have that cause then. */
export function isLeaving(): boolean {
  return leaving;
}
