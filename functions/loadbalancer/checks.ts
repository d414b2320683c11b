// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';
import { type CheckOutcome, type Health, judge, type Thresholds } from './health.ts';

/** How backends are checked. */
export interface CheckPlan extends Thresholds {
  readonly intervalMs: number;
  /** Identifies the request, the port and the time. With another key, all backends are checked anew. */
  readonly key: string;
  ask(address: string): Promise<CheckOutcome>;
}

interface Asked {
  /** The backend existed when this instance started, which could not receive answers yet. */
  readonly fromStart: boolean;
  health: Health | undefined;
  cancel: () => void;
}

/**
 * For this time after its start, an instance takes silence for its own fault: answers reach it only once the nodes have
 * it in its chain, which they do when it is ready.
 */
const WAY_MS = 15_000;
const WAY_RETRY_MS = 100;

/** Checks every backend repeatedly, each at its own interval, and reports changes. */
export class HealthChecks {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #asked = new Map<string, Asked>();
  #plan: CheckPlan | undefined;
  /** Whether an answer has come back. From then on, silence is a failure of the backend. */
  #wayIsOpen = false;
  #begunAt: number | undefined;

  constructor(options: { readonly clock: Clock; readonly onChange: () => void }) {
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  healthOf(address: string): Health | undefined {
    return this.#asked.get(address)?.health;
  }

  /**
   * Whether nothing is known of a backend only because this instance could not receive answers when it started. Such a
   * backend is tried, since the alternative is to refuse the first clients.
   */
  isHopeful(address: string): boolean {
    const asked = this.#asked.get(address);
    return asked ? asked.fromStart && !asked.health && this.#hasJustBegun() : this.#begunAt === undefined;
  }

  #hasJustBegun(): boolean {
    return this.#begunAt === undefined || this.#clock.monotonic() - this.#begunAt < WAY_MS;
  }

  #isBlind(): boolean {
    return !this.#wayIsOpen && this.#hasJustBegun();
  }

  /**
   * Checks these backends from now on, and no others. Results of another kind of check stay valid until enough new
   * checks have another result.
   */
  follow(plan: CheckPlan | undefined, addresses: readonly string[]): void {
    const isOther = plan?.key !== this.#plan?.key;
    this.#plan = plan;
    this.#begunAt ??= plan && this.#clock.monotonic();
    const wanted = new Set(plan ? addresses : []);
    for (const [address, asked] of [...this.#asked]) {
      if (wanted.has(address) && !isOther) continue;
      this.#release(address, asked);
      if (wanted.has(address)) this.#begin(address, asked.health && { ...asked.health, against: 0 });
    }
    for (const address of wanted) if (!this.#asked.has(address)) this.#begin(address, undefined);
  }

  stop(): void {
    for (const [address, asked] of [...this.#asked]) this.#release(address, asked);
  }

  #release(address: string, asked: Asked): void {
    asked.cancel();
    this.#asked.delete(address);
  }

  #begin(address: string, health: Health | undefined): void {
    const asked: Asked = { fromStart: this.#isBlind(), health, cancel: () => undefined };
    this.#asked.set(address, asked);
    void this.#round(address, asked);
  }

  async #round(address: string, asked: Asked): Promise<void> {
    const plan = this.#plan;
    if (!plan) return;
    // The interval is from start to start: a slow answer must not make checks rarer.
    const again = (): void => void this.#round(address, asked);
    asked.cancel = this.#clock.after(plan.intervalMs, again);
    const outcome = await plan.ask(address);
    // The backend may have been removed meanwhile.
    if (this.#asked.get(address) !== asked) return;
    if (outcome.ok || !outcome.silent) this.#wayIsOpen = true;
    if (this.#isBlind()) {
      asked.cancel();
      asked.cancel = this.#clock.after(WAY_RETRY_MS, again);
      return;
    }
    const before = asked.health;
    asked.health = judge(before, outcome, { thresholds: plan, now: this.#clock.now() });
    // After the first result there is no reason for hope any more, even if it decides nothing.
    if (!before || asked.health.healthy !== before.healthy) this.#onChange();
  }
}
