// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';
import { type CheckOutcome, type Health, judge, type Thresholds } from './health.ts';

/** How backends are asked. */
export interface CheckPlan extends Thresholds {
  readonly intervalMs: number;
  /** Names the question, the port and the time: with another one everybody is asked anew. */
  readonly key: string;
  ask(address: string): Promise<CheckOutcome>;
}

interface Asked {
  /** It was there when this instance began and could hear nobody. */
  readonly fromStart: boolean;
  health: Health | undefined;
  cancel: () => void;
}

/**
 * So long an instance that has just begun takes silence for its own fault: answers find it once the nodes have it in
 * its chain, which is when it is ready.
 */
const WAY_MS = 15_000;
const WAY_RETRY_MS = 100;

/** Asks every backend again and again, each at its own beat, and tells when one changed. */
export class HealthChecks {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #asked = new Map<string, Asked>();
  #plan: CheckPlan | undefined;
  /** Whether something came back once: then it is the backend's silence that is heard. */
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
   * Whether nothing is known of a backend only because this instance could hear nobody when it began. Better to try it
   * than to refuse those who come in the very first moments.
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
   * Asks these from now on, and no others. What was known under another question counts until this one says otherwise,
   * often enough.
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
    // From beginning to beginning: how long an answer takes must not make checks rarer.
    const again = (): void => void this.#round(address, asked);
    asked.cancel = this.#clock.after(plan.intervalMs, again);
    const outcome = await plan.ask(address);
    // Somebody may have let it go meanwhile.
    if (this.#asked.get(address) !== asked) return;
    if (outcome.ok || !outcome.silent) this.#wayIsOpen = true;
    if (this.#isBlind()) {
      asked.cancel();
      asked.cancel = this.#clock.after(WAY_RETRY_MS, again);
      return;
    }
    const before = asked.health?.healthy;
    asked.health = judge(asked.health, outcome, { thresholds: plan, now: this.#clock.now() });
    if (asked.health.healthy !== before) this.#onChange();
  }
}
