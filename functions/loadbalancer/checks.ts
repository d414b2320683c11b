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
  /** Called when something is known of it for the first time, or it is let go. */
  settle: () => void;
}

/** So long an instance that has just begun takes silence for its own fault: the nodes may not know it yet. */
const WAY_MS = 5000;
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
   * Asks these from now on, and no others. Resolves when something is known of each of the new ones. What was known
   * under another question counts until this one says otherwise, often enough.
   */
  async follow(plan: CheckPlan | undefined, addresses: readonly string[]): Promise<void> {
    const isOther = plan?.key !== this.#plan?.key;
    this.#plan = plan;
    this.#begunAt ??= plan && this.#clock.monotonic();
    const wanted = new Set(plan ? addresses : []);
    for (const [address, asked] of this.#asked) {
      if (!wanted.has(address)) this.#release(address, asked);
      else if (isOther) this.#askAnew(address, asked);
    }
    const fresh = [...wanted].filter((address) => !this.#asked.has(address));
    await Promise.all(fresh.map((address) => this.#begin(address)));
  }

  stop(): void {
    for (const [address, asked] of this.#asked) this.#release(address, asked);
  }

  #release(address: string, asked: Asked): void {
    asked.cancel();
    asked.settle();
    this.#asked.delete(address);
  }

  #askAnew(address: string, { health, cancel, settle }: Asked): void {
    cancel();
    const asked = { health: health && { ...health, against: 0 }, cancel: () => undefined, settle };
    this.#asked.set(address, asked);
    void this.#round(address, asked);
  }

  #begin(address: string): Promise<void> {
    return new Promise((settle) => {
      const asked: Asked = { health: undefined, cancel: () => undefined, settle };
      this.#asked.set(address, asked);
      void this.#round(address, asked);
    });
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
    if (this.#isOurSilence(outcome)) {
      asked.cancel();
      asked.cancel = this.#clock.after(WAY_RETRY_MS, again);
      return;
    }
    const before = asked.health?.healthy;
    asked.health = judge(asked.health, outcome, { thresholds: plan, now: this.#clock.now() });
    if (asked.health.healthy !== before) this.#onChange();
    asked.settle();
  }

  #isOurSilence(outcome: CheckOutcome): boolean {
    if (outcome.ok || !outcome.silent) this.#wayIsOpen = true;
    return !this.#wayIsOpen && this.#clock.monotonic() - (this.#begunAt ?? 0) < WAY_MS;
  }
}
