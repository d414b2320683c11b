import { closeSync } from 'node:fs';
import type { ProbeLevel, ProbePlan, ProbeReport, ProbeTarget } from '../../protocol.ts';
import { MapReader } from './reader.ts';
import { type Frame, FrameSet, openFrameSocket } from './sender.ts';
import { TargetState } from './target.ts';

/** Rounds are never nearer to each other, so one that starts at the time in these units is above all that were before. */
const SHORTEST_INTERVAL_MS = 10;

interface Running {
  readonly plan: ProbePlan;
  readonly socket: number;
  readonly states: readonly TargetState[];
  /** Frames that are sent in the same rounds, with the states of their targets in the same order. */
  readonly groups: readonly {
    readonly every: number;
    readonly frames: FrameSet;
    readonly states: readonly TargetState[];
  }[];
  /** Positions of targets by the map that counts their answers. */
  readonly maps: readonly { readonly reader: MapReader; readonly positions: readonly number[] }[];
  /** Of each target, as `MapReader` gives it. */
  readonly keys: readonly string[];
}

/**
 * Sends frames and looks for their answers, round after round, in this process alone: only a change is told. What is
 * sent, and what a level means, is the caller's business.
 */
export class ProbeLoop {
  readonly #tell: (report: ProbeReport) => void;
  readonly #answers = new Map<string, number>();
  #running: Running | undefined;
  #timer: NodeJS.Timeout | undefined;
  #brinkTimer: NodeJS.Timeout | undefined;
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
    this.#running = plan && plan.targets.length > 0 ? open(plan, before?.states ?? []) : undefined;
    if (before) close(before);
    clearTimeout(this.#brinkTimer);
    this.#repeatLevels();
    if (this.#running && before?.plan.intervalMs === plan?.intervalMs) return;
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#round = Math.max(this.#round, Math.floor(monotonicMs() / SHORTEST_INTERVAL_MS) >>> 0);
    this.#due = performance.now();
    this.#timer = setTimeout(() => this.#tick(), 0);
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
    this.#timer = setTimeout(() => this.#tick(), this.#nextDelay(running.plan.intervalMs));
  }

  /** Keeps the beat; a round that came late by much is not made good by two in a row. */
  #nextDelay(intervalMs: number): number {
    const now = performance.now();
    this.#due += intervalMs;
    if (this.#due < now + intervalMs / 2) this.#due = now + intervalMs;
    return this.#due - now;
  }

  /** Who may be down by now is looked at between two rounds: half an interval sooner, and no work in everyday life. */
  #watchBrink(running: Running): void {
    if (!running.states.some((state) => state.isAtBrink)) return;
    clearTimeout(this.#brinkTimer);
    this.#brinkTimer = setTimeout(() => {
      this.#report(
        this.#check(running, (state) => state.isAtBrink),
        this.#failure,
      );
    }, running.plan.intervalMs / 2);
  }

  #check(running: Running, concerns: (state: TargetState) => boolean): [string, ProbeLevel][] {
    const changes: [string, ProbeLevel][] = [];
    for (const { reader, positions } of running.maps) {
      const concerned = positions.filter((position) => concerns(running.states[position]!));
      if (concerned.length === 0) continue;
      this.#answers.clear();
      reader.readFirstNumbers(this.#answers);
      for (const position of concerned) {
        const state = running.states[position]!;
        if (state.update(this.#answers.get(running.keys[position]!)) && state.level !== undefined)
          changes.push([state.name, state.level]);
      }
    }
    return changes;
  }

  /** @returns why it could not send, or nothing */
  #send({ socket, groups }: Running): string {
    let failure = '';
    for (const { every, frames, states } of groups) {
      if (this.#round % every !== 0) continue;
      try {
        const sent = frames.send(socket, { round: this.#round, nanoseconds: process.hrtime.bigint() });
        for (let index = 0; index < sent; index += 1) states[index]!.sent(this.#round);
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
    }
    return failure;
  }

  #report(levels: readonly [string, ProbeLevel][], failure: string): void {
    const told = this.#failure;
    this.#failure = failure;
    if (levels.length === 0 && failure === told) return;
    this.#tell({ levels, ...(failure === told ? {} : { failure }) });
  }
}

function open(plan: ProbePlan, before: readonly TargetState[]): Running {
  const known = new Map(before.map((state) => [state.name, state]));
  const states = plan.targets.map((target) => known.get(target.name) ?? new TargetState(target));
  states.forEach((state, position) => {
    state.change(plan.targets[position]!);
  });
  const readers: MapReader[] = [];
  try {
    const maps = [...Map.groupBy(plan.targets.keys(), (position) => plan.targets[position]!.map)].map(
      ([path, positions]) => {
        const reader = new MapReader(path);
        readers.push(reader);
        return { reader, positions };
      },
    );
    const groups = [...Map.groupBy(plan.targets.keys(), (position) => plan.targets[position]!.every)].map(
      ([every, positions]) => ({
        every,
        frames: new FrameSet(positions.map((position) => frameOf(plan.targets[position]!))),
        states: positions.map((position) => states[position]!),
      }),
    );
    const socket = openFrameSocket(plan.ifindex);
    return { plan, socket, states, groups, maps, keys: plan.targets.map(keyOf) };
  } catch (error) {
    for (const reader of readers) reader.close();
    throw error;
  }
}

function close({ socket, maps }: Running): void {
  closeSync(socket);
  for (const { reader } of maps) reader.close();
}

function frameOf({ frame, stampAt }: ProbeTarget): Frame {
  return { bytes: frame, stampAt };
}

function keyOf({ key }: ProbeTarget): string {
  return Buffer.from(key).toString('latin1');
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
