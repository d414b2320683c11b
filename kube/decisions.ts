// SPDX-License-Identifier: Apache-2.0
import type { Refusal } from './base/access.ts';
import type { Clock } from './base/clock.ts';

/** How long an answer of the API server counts. */
const ADMITTED_MS = 60_000;
const REFUSED_MS = 10_000;
/** How long an admitted token stays admitted while the API server does not answer: then metrics are needed most. */
const OUTAGE_MS = 600_000;
const MOST = 256;

interface Decision {
  readonly refusal: Refusal | undefined;
  readonly at: number;
}

/** Decisions remembers for which tokens a path was admitted or refused, for a short time. */
export class Decisions {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Oldest first. */
  readonly #all = new Map<string, Decision>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** The decision for a key while it counts. */
  fresh(key: string): Decision | undefined {
    const found = this.#all.get(key);
    if (!found) return undefined;
    const age = this.#clock.monotonic() - found.at;
    return age < (found.refusal ? REFUSED_MS : ADMITTED_MS) ? found : undefined;
  }

  /** Whether the key was admitted not long ago. */
  wasAdmitted(key: string): boolean {
    const found = this.#all.get(key);
    return found !== undefined && !found.refusal && this.#clock.monotonic() - found.at < OUTAGE_MS;
  }

  remember(key: string, refusal: Refusal | undefined): void {
    this.#all.delete(key);
    this.#all.set(key, { refusal, at: this.#clock.monotonic() });
    if (this.#all.size <= MOST) return;
    // Refusals go first: anybody can cause them.
    const oldest = [...this.#all].find(([, each]) => each.refusal) ?? [...this.#all][0];
    if (oldest) this.#all.delete(oldest[0]);
  }
}
