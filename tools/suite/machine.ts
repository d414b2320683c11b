// SPDX-License-Identifier: Apache-2.0
/** Access to the machine: work that may run in parallel, or work that measures time. First come, first served. */
export interface Machine {
  share<T>(work: () => Promise<T>): Promise<T>;
  /** Runs work that nothing else may disturb. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Runs work that changes the machine itself. Such work runs one at a time, in parallel with other work. */
  prepare<T>(work: () => Promise<T>): Promise<T>;
}

interface Waiting {
  readonly alone: boolean;
  readonly start: () => void;
}

export function createMachine(): Machine {
  const queue: Waiting[] = [];
  let sharing = 0;
  let isAlone = false;

  const mayStart = ({ alone }: Waiting): boolean => !isAlone && !(alone && sharing > 0);

  function startNext(): void {
    for (let next = queue[0]; next && mayStart(next); next = queue[0]) {
      queue.shift();
      if (next.alone) isAlone = true;
      else sharing += 1;
      next.start();
    }
  }

  async function run<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      queue.push({ alone, start });
      startNext();
    });
    try {
      return await work();
    } finally {
      if (alone) isAlone = false;
      else sharing -= 1;
      startNext();
    }
  }

  let prepared: Promise<unknown> = Promise.resolve();
  function prepare<T>(work: () => Promise<T>): Promise<T> {
    const next = prepared.then(work, work);
    prepared = next;
    return next;
  }

  return { prepare, share: (work) => run(false, work), alone: (work) => run(true, work) };
}
