// SPDX-License-Identifier: Apache-2.0
import type { ProbeLevel, ProbePlan, ProbeReport } from '../../protocol.ts';
import { closePlan, frameOf, openPlan, type Running, sendTo } from './running.ts';
import { FrameSet } from './sender.ts';
import type { TargetState } from './target.ts';

/** How soon the answer of a new target is read. It is probed at once, since the agent waits for its first level. */
const FIRST_ANSWER_MS = 5;
/** The part of an interval that the deciding probe has for its answer, as a divisor; the probes before it had all of it. */
const BRINK_PART = 5;
/** The shortest interval. The first round is the time in this unit, so it is above all rounds of earlier processes. */
const SHORTEST_INTERVAL_MS = 10;

/**
 * Sends frames and reads their answers, round after round, in this process; only changes are reported. The caller decides
 * what is sent, and what a level means.
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

  /** Replaces the plan, from the next round on; targets that stay keep their states. */
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

  /** Probes new targets between two rounds, with the number of the last round. */
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

  /** Reports all levels again after a new plan: the agent may have lost them. */
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

  /** The delay until the next round. A very late round is not followed by a shorter interval. */
  #nextDelay(intervalMs: number): number {
    const now = performance.now();
    this.#due += intervalMs;
    if (this.#due < now + intervalMs / 2) this.#due = now + intervalMs;
    return this.#due - now;
  }

  /** Reads the answers of targets that may be down soon after the deciding round; usually there are none. */
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

  /** Sends the frames of a round. @returns the reason of a failure, else an empty string */
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
