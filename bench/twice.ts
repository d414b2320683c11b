// SPDX-License-Identifier: Apache-2.0
import { isLeaving } from './leave.ts';

/** Measures again after a failure: on a busy machine a process may give up by mistake, but two failures are a fault. */
export async function measureTwice<T>(
  measure: () => Promise<T>,
  progress: (line: string) => void,
): Promise<T> {
  try {
    return await measure();
  } catch (error) {
    if (isLeaving()) throw error;
    progress(`measured again, because: ${error instanceof Error ? error.message : error}`);
    return measure();
  }
}
