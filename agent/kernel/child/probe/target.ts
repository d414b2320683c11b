// SPDX-License-Identifier: Apache-2.0
import type { ProbeLevel, ProbeTarget } from '../../protocol.ts';

/** Two in a row are no accident any more. */
const SOME_MISSES = 2;

/** What is known of one target: which rounds were sent to it, and which it answered. */
export class TargetState {
  readonly name: string;
  /** The level that was told; undefined: none yet. */
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

  /** It was never asked. */
  get isFresh(): boolean {
    return this.#lastSent === undefined;
  }

  get waits(): boolean {
    return this.#unanswered > 0;
  }

  /** The round that was sent last decides: it is worth looking for its answer before the next one is due. */
  get isAtBrink(): boolean {
    return this.level !== 2 && this.#unanswered >= this.#misses;
  }

  sent(round: number): void {
    this.#lastSent = round;
    this.#unanswered += 1;
  }

  /**
   * Takes in the last round that was answered.
   * @returns whether its level is another one now
   */
  update(answered: number | undefined): boolean {
    if (answered !== undefined) this.#answered(answered);
    const level = this.#judge();
    if (level === undefined || level === this.level) return false;
    this.level = level;
    return true;
  }

  /** Rounds of an earlier life of this process are below or above every one of ours: they say nothing. */
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
