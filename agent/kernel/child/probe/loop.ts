// SPDX-License-Identifier: Apache-2.0
import type { ProbeLevel, ProbePlan, ProbeReport } from '../../protocol.ts';
import { closePlan, frameOf, openPlan, type Running, sendTo } from './running.ts';
import { FrameSet } from './sender.ts';
import type { TargetState } from './target.ts';

/** A target that is new is asked at once, and this soon its answer is looked for: whoever added it waits for that. */
const FIRST_ANSWER_MS = 5;
/** Part of an interval that the last probe of one that may be down gets: several before it had all of theirs. */
const BRINK_PART = 5;
/** Rounds are never nearer to each other, so one that starts at the time in these units is above all that were before. */
const SHORTEST_INTERVAL_MS = 10;

/**
 * Sends frames and looks for their answers, round after round, in this process alone: only a change is told. What is
 * sent, and what a level means, is the caller's business.
 */
export class ProbeLoop {
  readonly #tell: (report: ProbeReport) => void;
  #running: Running | undefined;
  #timer: NodeJS.Timeout | undefined;
  #brinkTimer: NodeJS.Timeout | undefined;
  #firstTimer: NodeJS.Timeout | undefined;
  #round = 0;
  /** When the next round is due, by `performance.now`. */
  #due = 0;
  #failure = '';

  constructor(tell: (report: ProbeReport) => void) {
    this.#tell = tell;
  }

  /** Probes what the plan says from the next round on; targets that stay keep what is known of them. */
  set(plan: ProbePlan | undefined): void {
    const before = this.#running;
    this.#running = plan && plan.targets.length > 0 ? openPlan(plan, before?.states ?? []) : undefined;
    if (before) closePlan(before);
    clearTimeout(this.#brinkTimer);
    clearTimeout(this.#firstTimer);
    this.#repeatLevels();
    if (this.#running && before?.plan.intervalMs === plan?.intervalMs) {
      this.#askFresh(this.#running);
      return;
    }
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#round = Math.max(this.#round, Math.floor(monotonicMs() / SHORTEST_INTERVAL_MS) >>> 0);
    this.#due = performance.now();
    this.#timer = setTimeout(() => this.#tick(), 0);
  }

  /** Probes those that were never asked, between two rounds: as of the round that was last. */
  #askFresh(running: Running): void {
    const { socket, plan, states } = running;
    const fresh = plan.targets.flatMap((target, position) =>
      target.every === 1 && states[position]!.isFresh ? [{ target, state: states[position]! }] : [],
    );
    if (fresh.length === 0) return;
    const frames = new FrameSet(fresh.map(({ target }) => frameOf(target)));
    this.#report([], sendTo({ socket, frames, states: fresh.map(({ state }) => state) }, this.#round));
    this.#watchFirst(running);
  }

  #watchFirst(running: Running): void {
    if (!running.states.some(({ level, waits }) => level === undefined && waits)) return;
    clearTimeout(this.#firstTimer);
    this.#firstTimer = setTimeout(() => {
      this.#report(
        this.#check(running, ({ level, waits }) => level === undefined && waits),
        this.#failure,
      );
    }, FIRST_ANSWER_MS);
  }

  /** Whoever sets a plan may have forgotten meanwhile what it was told. */
  #repeatLevels(): void {
    const levels = (this.#running?.states ?? []).flatMap(({ name, level }) =>
      level === undefined ? [] : [[name, level] as const],
    );
    if (levels.length > 0) this.#tell({ levels });
  }

  #tick(): void {
    const running = this.#running;
    if (!running) return;
    const changes = this.#check(running, (state) => state.waits);
    this.#round = (this.#round + 1) >>> 0;
    const failure = this.#send(running);
    this.#report(changes, failure);
    this.#watchBrink(running);
    this.#watchFirst(running);
    this.#timer = setTimeout(() => this.#tick(), this.#nextDelay(running.plan.intervalMs));
  }

  /** Keeps the beat; a round that came late by much is not made good by two in a row. */
  #nextDelay(intervalMs: number): number {
    const now = performance.now();
    this.#due += intervalMs;
    if (this.#due < now + intervalMs / 2) this.#due = now + intervalMs;
    return this.#due - now;
  }

  /** Who may be down by now is looked at soon after the round that decides; in everyday life nobody is. */
  #watchBrink(running: Running): void {
    if (!running.states.some((state) => state.isAtBrink)) return;
    clearTimeout(this.#brinkTimer);
    this.#brinkTimer = setTimeout(() => {
      this.#report(
        this.#check(running, (state) => state.isAtBrink),
        this.#failure,
      );
    }, running.plan.intervalMs / BRINK_PART);
  }

  #check(running: Running, concerns: (state: TargetState) => boolean): [string, ProbeLevel][] {
    const changes: [string, ProbeLevel][] = [];
    for (const { reader, states } of running.maps) {
      if (!states.some(concerns)) continue;
      reader.read();
      for (let position = 0; position < states.length; position += 1) {
        const state = states[position]!;
        if (!concerns(state) || !state.update(reader.numberAt(position)) || state.level === undefined)
          continue;
        changes.push([state.name, state.level]);
      }
    }
    return changes;
  }

  /** @returns why it could not send, or nothing */
  #send({ socket, groups }: Running): string {
    const failures = groups
      .filter(({ every }) => this.#round % every === 0)
      .map((group) => sendTo({ socket, ...group }, this.#round));
    return failures.length === 0 ? this.#failure : (failures.find((failure) => failure !== '') ?? '');
  }

  #report(levels: readonly [string, ProbeLevel][], failure: string): void {
    const told = this.#failure;
    this.#failure = failure;
    if (levels.length === 0 && failure === told) return;
    this.#tell({ levels, ...(failure === told ? {} : { failure }) });
  }
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
