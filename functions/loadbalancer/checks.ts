import type { Clock } from '../../operator/runtime/clock.ts';
import { type CheckOutcome, type Health, judge, type Thresholds } from './health.ts';

/** How backends are asked; another one makes all that is known void. */
export interface CheckPlan extends Thresholds {
  readonly intervalMs: number;
  /** Names the question, the port and the time: what else is asked says nothing of this. */
  readonly key: string;
  ask(address: string): Promise<CheckOutcome>;
}

interface Asked {
  health: Health | undefined;
  cancel: () => void;
}

/** Asks every backend again and again, each at its own beat, and tells when one changed. */
export class HealthChecks {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #asked = new Map<string, Asked>();
  #plan: CheckPlan | undefined;

  constructor(options: { readonly clock: Clock; readonly onChange: () => void }) {
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  healthOf(address: string): Health | undefined {
    return this.#asked.get(address)?.health;
  }

  /** Asks these from now on, and no others. Resolves when each of the new ones has been asked once. */
  async follow(plan: CheckPlan | undefined, addresses: readonly string[]): Promise<void> {
    if (plan?.key !== this.#plan?.key) this.stop();
    this.#plan = plan;
    const wanted = new Set(plan ? addresses : []);
    for (const [address, { cancel }] of this.#asked) {
      if (wanted.has(address)) continue;
      cancel();
      this.#asked.delete(address);
    }
    const fresh = [...wanted].filter((address) => !this.#asked.has(address));
    await Promise.all(fresh.map((address) => this.#begin(address)));
  }

  stop(): void {
    for (const { cancel } of this.#asked.values()) cancel();
    this.#asked.clear();
  }

  #begin(address: string): Promise<void> {
    const asked: Asked = { health: undefined, cancel: () => undefined };
    this.#asked.set(address, asked);
    return this.#round(address, asked);
  }

  async #round(address: string, asked: Asked): Promise<void> {
    const plan = this.#plan;
    if (!plan) return;
    // From beginning to beginning: how long an answer takes must not make checks rarer.
    asked.cancel = this.#clock.after(plan.intervalMs, () => void this.#round(address, asked));
    const outcome = await plan.ask(address);
    // Somebody may have let it go meanwhile.
    if (this.#asked.get(address) !== asked) return;
    const before = asked.health?.healthy;
    asked.health = judge(asked.health, outcome, { thresholds: plan, now: this.#clock.now() });
    if (asked.health.healthy !== before) this.#onChange();
  }
}
