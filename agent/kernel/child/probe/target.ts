// SPDX-License-Identifier: Apache-2.0
import type { ProbeLevel, ProbeTarget } from '../../protocol.ts';

/** Number of misses in a row for level 1: a single miss may be an accident. */
const SOME_MISSES = 2;

/** The state of one target: the rounds that were sent to it, and those that it answered. */
export class TargetState {
  readonly name: string;
  /** The level that was reported last; undefined: none yet. */
  level: ProbeLevel | undefined;
  #every: number;
  #misses: number;
  /** Rounds that were sent and are not answered, up to the last one. */
  #unanswered = 0;
  #lastSent: number | undefined;
  #hasAnswered = false;

  constructor({ name, every, misses }: Pick<ProbeTarget, 'name' | 'every' | 'misses'>) {
    this.name = name;
    this.#every = every;
    this.#misses = misses;
  }

  change({ every, misses }: Pick<ProbeTarget, 'every' | 'misses'>): void {
    this.#every = every;
    this.#misses = misses;
  }

  /** Whether the target was never probed. */
  get isFresh(): boolean {
    return this.#lastSent === undefined;
  }

  get waits(): boolean {
    return this.#unanswered > 0;
  }

  /** Whether the last round decides if the target is down: its answer is then read before the next round. */
  get isAtBrink(): boolean {
    return this.level !== 2 && this.#unanswered >= this.#misses;
  }

  sent(round: number): void {
    this.#lastSent = round;
    this.#unanswered += 1;
  }

  /**
   * Updates the level by the last round that was answered.
   * @returns whether the level has changed
   */
  update(answered: number | undefined): boolean {
    if (answered !== undefined) this.#answered(answered);
    const level = this.#judge();
    if (level === undefined || level === this.level) return false;
    this.level = level;
    return true;
  }

  /** Stores an answered round. A round of an earlier process is below or above all of ours, and is ignored. */
  #answered(round: number): void {
    if (this.#lastSent === undefined) return;
    const behind = (this.#lastSent - round) / this.#every;
    if (behind < 0 || behind >= this.#unanswered) return;
    this.#unanswered = Math.ceil(behind);
    this.#hasAnswered = true;
  }

  #judge(): ProbeLevel | undefined {
    if (this.#unanswered >= this.#misses) return 2;
    if (!this.#hasAnswered) return undefined;
    return this.#unanswered >= SOME_MISSES ? 1 : 0;
  }
}
