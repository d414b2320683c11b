// SPDX-License-Identifier: Apache-2.0
/**
 * What must be undone however the benchmark ends: also by Ctrl-C, or when the one who started it goes away.
 */
const undo = new Set<() => Promise<unknown>>();
let leaving = false;
const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Registers what to undo on a signal; dispose of the answer when it is undone. */
export function onExit(work: () => Promise<unknown>): Disposable {
  undo.add(work);
  return { [Symbol.dispose]: () => undo.delete(work) };
}

/** Leaves in good order on a signal; a second one changes nothing, since leaving takes a moment only. */
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

/** Whether a signal ends the benchmark just now: what fails then fails for that reason. */
export function isLeaving(): boolean {
  return leaving;
}
