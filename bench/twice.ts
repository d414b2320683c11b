// SPDX-License-Identifier: Apache-2.0
import { isLeaving } from './leave.ts';

/** A busy machine may hold a process up for so long that it gives up; what fails twice is broken. */
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
