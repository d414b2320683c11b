// SPDX-License-Identifier: Apache-2.0
import { type Clock, sleep } from '../../kube/base/clock.ts';

/** A deadline on the monotonic clock. */
export interface Deadline {
  readonly clock: Clock;
  readonly at: number;
}

export function deadlineIn(clock: Clock, seconds: number): Deadline {
  return { clock, at: clock.monotonic() + seconds * 1000 };
}

/** Repeats `ask` until it returns true; false when the deadline passes first. */
export async function waitUntil(deadline: Deadline, ask: () => Promise<boolean>): Promise<boolean> {
  for (;;) {
    if (await ask()) return true;
    if (deadline.clock.monotonic() >= deadline.at) return false;
    await sleep(deadline.clock, 500);
  }
}
