// SPDX-License-Identifier: Apache-2.0
import type { WaitBudget } from './budget.ts';

/** An ordinary attachment takes some ten milliseconds, and each pod may take this long. More comes out of the budget. */
const FREE_MS = 50;
/** The longest that a pod may keep the runtime waiting for its attachment. */
const MOST_MS = 1000;

interface Attempt {
  readonly sandboxId: string;
  /** Undefined while the work goes on. */
  outcome: { readonly error: string | undefined } | undefined;
  readonly done: Promise<void>;
}

export interface AttemptOptions {
  readonly uid: string;
  readonly namespace: string;
  readonly sandboxId: string;
  /** Makes the interfaces. It goes on when the runtime is not kept waiting any longer. */
  readonly work: () => Promise<void>;
}

/**
 * The hook's attempts to make the interfaces of pods: one for each sandbox. What fails, or takes long, is not tried again
 * while the runtime waits; the controller of Ports does that.
 */
export class Attempts {
  readonly #budget: WaitBudget;
  /** By uid of the pod: its last attempt. */
  readonly #attempts = new Map<string, Attempt>();

  constructor(budget: WaitBudget) {
    this.#budget = budget;
  }

  /** Resolves with undefined when the interfaces are made, else with the reason. */
  async try(options: AttemptOptions): Promise<string | undefined> {
    const known = this.#attempts.get(options.uid);
    if (known?.sandboxId === options.sandboxId) return problemOf(known);
    const attempt = begin(options);
    this.#attempts.set(options.uid, attempt);
    const began = performance.now();
    const granted = this.#budget.take(options.namespace, MOST_MS - FREE_MS, began);
    await within(attempt.done, FREE_MS + granted);
    const used = Math.max(0, performance.now() - began - FREE_MS);
    this.#budget.giveBack(options.namespace, granted - used);
    return problemOf(attempt);
  }

  forget(uid: string): void {
    this.#attempts.delete(uid);
  }

  /** Forgets all pods except these. */
  keep(uids: ReadonlySet<string>): void {
    for (const uid of this.#attempts.keys()) if (!uids.has(uid)) this.#attempts.delete(uid);
  }
}

function begin({ sandboxId, work }: AttemptOptions): Attempt {
  const done = work().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const attempt: Attempt = {
    sandboxId,
    outcome: undefined,
    done: done.then((error) => {
      attempt.outcome = { error };
    }),
  };
  return attempt;
}

function problemOf({ outcome }: Attempt): string | undefined {
  return outcome === undefined ? 'its interfaces are being made' : outcome.error;
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
