// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Health,
  type HealthEvent,
  nextHealth,
  RECOVERY_MS,
  worstOf,
} from '../../../../agent/health/state.ts';
import { TargetState } from '../../../../agent/kernel/child/probe/target.ts';

const INTERVAL_MS = 50;
const MISSES = 4;

const level = (value: 0 | 1 | 2): HealthEvent => ({ kind: 'Level', level: value });
const run = (start: Health, events: readonly (readonly [number, HealthEvent])[]): Health =>
  events.reduce((health, [now, event]) => nextHealth(health, event, now), start);

describe('health of one target', () => {
  test('a new one is used from its first answer on', () => {
    expect(run({ kind: 'Proving' }, [[0, level(0)]])).toEqual({ kind: 'Healthy' });
  });

  test('a new one that never answers is down', () => {
    expect(run({ kind: 'Proving' }, [[200, level(2)]])).toEqual({ kind: 'Down' });
  });

  test('two misses in a row take nothing out of use', () => {
    expect(run({ kind: 'Healthy' }, [[0, level(1)]])).toEqual({ kind: 'Healthy' });
  });

  test('one that answers again is used a second later, not sooner', () => {
    const answers = run({ kind: 'Down' }, [[5000, level(0)]]);
    expect(answers).toEqual({ kind: 'Recovering', since: 5000 });
    expect(nextHealth(answers, { kind: 'Tick' }, 5000 + RECOVERY_MS - 1)).toEqual(answers);
    expect(nextHealth(answers, { kind: 'Tick' }, 5000 + RECOVERY_MS)).toEqual({ kind: 'Healthy' });
  });

  test('two misses in a row while it recovers begin its second anew', () => {
    const health = run({ kind: 'Down' }, [
      [0, level(0)],
      [900, level(1)],
      [950, level(0)],
      [1900, { kind: 'Tick' }],
    ]);
    expect(health).toEqual({ kind: 'Recovering', since: 950 });
  });

  test('a healthy one stays healthy while it answers', () => {
    expect(run({ kind: 'Healthy' }, [[0, level(0)]])).toEqual({ kind: 'Healthy' });
  });

  test('an interruption of the probes alone changes no other state', () => {
    for (const kind of ['Proving', 'Healthy', 'Down'] as const) {
      expect(nextHealth({ kind }, { kind: 'Blind' }, 0)).toEqual({ kind });
    }
  });

  test('a recovering one starts its second again when the probes are interrupted', () => {
    expect(
      run({ kind: 'Down' }, [
        [0, level(0)],
        [500, { kind: 'Blind' }],
      ]),
    ).toEqual({ kind: 'Down' });
  });

  test('an instance is as well as the worst of its families', () => {
    expect(worstOf([{ kind: 'Healthy' }, { kind: 'Down' }])).toBe('Down');
    expect(worstOf([{ kind: 'Healthy' }, { kind: 'Recovering', since: 0 }])).toBe('Recovering');
    expect(worstOf([{ kind: 'Healthy' }, { kind: 'Healthy' }])).toBe('Healthy');
    expect(worstOf([])).toBe('Proving');
  });
});

/** Rounds of probes, each answered before the next one or never, from the wire up to the state. */
function play(answers: readonly boolean[]): readonly Health['kind'][] {
  const target = new TargetState({ name: '4/1', every: 1, misses: MISSES });
  let health: Health = { kind: 'Proving' };
  let answered: number | undefined;
  return answers.map((answer, index) => {
    const round = 1000 + index;
    const now = (index + 1) * INTERVAL_MS;
    target.sent(round);
    if (answer) answered = round;
    const changed = target.update(answered);
    if (changed && target.level !== undefined) health = nextHealth(health, level(target.level), now);
    health = nextHealth(health, { kind: 'Tick' }, now);
    return health.kind;
  });
}

const sequences = fc.array(fc.boolean(), { minLength: 1, maxLength: 200 });
/** Long runs of the same, so that instances die and come back. */
const episodes = fc
  .array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 12 })
  .map((runs) => runs.flatMap(([answer, length]) => Array.from({ length }, () => answer)));

describe('over any sequence of answers', () => {
  const everything = fc.oneof(sequences, episodes);

  test('it goes out of use only after as many misses in a row as it may have', () => {
    fc.assert(
      fc.property(everything, (answers) => {
        const states = play(answers);
        states.forEach((state, index) => {
          if (state !== 'Down' || index === 0 || states[index - 1] !== 'Healthy') return;
          expect(answers.slice(index - MISSES + 1, index + 1)).toEqual(Array(MISSES).fill(false));
        });
      }),
    );
  });

  test('it is out of use as soon as it has missed so many', () => {
    fc.assert(
      fc.property(everything, (answers) => {
        const states = play(answers);
        for (let end = MISSES; end <= answers.length; end++) {
          const lastOnes = answers.slice(end - MISSES, end);
          if (lastOnes.every((answer) => !answer)) expect(states[end - 1]).toBe('Down');
        }
      }),
    );
  });

  test('it comes back only after a second of answers without two misses in a row', () => {
    const rounds = RECOVERY_MS / INTERVAL_MS;
    fc.assert(
      fc.property(everything, (answers) => {
        const states = play(answers);
        states.forEach((state, index) => {
          const before = states[index - 1];
          if (state !== 'Healthy' || before === 'Healthy' || before === 'Proving' || before === undefined)
            return;
          const second = answers.slice(index - rounds, index + 1);
          expect(second).toHaveLength(rounds + 1);
          second.forEach((answer, at) => {
            expect(answer || (second[at - 1] ?? true)).toBe(true);
          });
        });
      }),
    );
  });

  test('it always comes back after a second of answers', () => {
    fc.assert(
      fc.property(everything, (answers) => {
        const recovery = Array<boolean>(RECOVERY_MS / INTERVAL_MS + 1).fill(true);
        expect(play([...answers, ...recovery]).at(-1)).toBe('Healthy');
      }),
    );
  });
});
