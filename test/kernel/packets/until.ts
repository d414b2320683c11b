// SPDX-License-Identifier: Apache-2.0
const PATIENCE_MS = 10_000;
const STEP_MS = 50;

/** Waits until a condition is true, for example that a server has opened its socket. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`it did not come to that within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
