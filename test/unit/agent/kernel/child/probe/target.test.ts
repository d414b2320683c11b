// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { TargetState } from '../../../../../../agent/kernel/child/probe/target.ts';

const target = (every = 1) => {
  const state = new TargetState({ name: 'x', every, misses: 4 });
  return {
    state,
    send: (...rounds: readonly number[]) => {
      for (const round of rounds) state.sent(round);
    },
  };
};

describe('a target of the probes', () => {
  test('has no level until it answers or has missed enough', () => {
    const { state, send } = target();
    send(10, 11, 12);
    expect(state.update(undefined)).toBe(false);
    send(13);
    expect(state.update(undefined)).toBe(true);
    expect(state.level).toBe(2);
  });

  test('a change is told once', () => {
    const { state, send } = target();
    send(10);
    expect(state.update(10)).toBe(true);
    send(11);
    expect(state.update(11)).toBe(false);
    expect(state.level).toBe(0);
  });

  test('an answer of an earlier life of the process says nothing', () => {
    const { state, send } = target();
    send(1000, 1001, 1002, 1003);
    expect(state.update(700)).toBe(true);
    expect(state.level).toBe(2);
    const { state: other, send: sendOther } = target();
    sendOther(10);
    expect(other.update(4_000_000_000)).toBe(false);
  });

  test('a late answer counts for its own round', () => {
    const { state, send } = target();
    send(10, 11, 12, 13, 14, 15);
    state.update(undefined);
    expect(state.update(11)).toBe(false);
    expect(state.level).toBe(2);
    expect(state.update(15)).toBe(true);
    expect(state.level).toBe(0);
  });

  test('two missing answers in a row are level 1', () => {
    const { state, send } = target();
    send(10);
    state.update(10);
    send(11, 12);
    expect(state.update(10)).toBe(true);
    expect(state.level).toBe(1);
  });

  test('of a target that is probed every third round only those rounds count', () => {
    const { state, send } = target(3);
    send(9);
    state.update(9);
    send(12, 15, 18);
    expect(state.update(9)).toBe(true);
    expect(state.level).toBe(1);
    send(21);
    expect(state.isAtBrink).toBe(true);
    expect(state.update(9)).toBe(true);
    expect(state.level).toBe(2);
    expect(state.isAtBrink).toBe(false);
  });
});
