// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { type Candidate, chooseActive } from '../../../../../operator/compile/vpn/active.ts';

function gateway(pod: string, more: Partial<Candidate> = {}): Candidate {
  return { pod, ready: true, leaving: false, missed: 0, ...more };
}

describe('the active gateway', () => {
  test('is the first ready one, when there is no active one', () => {
    expect(chooseActive(undefined, [gateway('b'), gateway('a', { ready: false })])).toBe('b');
    expect(chooseActive(undefined, [])).toBe(undefined);
    expect(chooseActive('gone', [gateway('b'), gateway('a')])).toBe('a');
  });

  test('stays as long as it answers, though it missed once or is not ready for a moment', () => {
    const others = [gateway('a')];
    expect(chooseActive('b', [...others, gateway('b')])).toBe('b');
    expect(chooseActive('b', [...others, gateway('b', { missed: 1 })])).toBe('b');
    expect(chooseActive('b', [...others, gateway('b', { ready: false })])).toBe('b');
  });

  test('is replaced by another when it missed two requests, or is leaving', () => {
    const others = [gateway('a'), gateway('c')];
    expect(chooseActive('b', [...others, gateway('b', { missed: 2 })])).toBe('a');
    expect(chooseActive('b', [...others, gateway('b', { leaving: true })])).toBe('a');
  });

  test('stays when no other gateway can replace it', () => {
    const unable = [gateway('a', { ready: false }), gateway('c', { missed: 1 })];
    expect(chooseActive('b', [...unable, gateway('b', { missed: 9 })])).toBe('b');
    expect(chooseActive('b', [...unable, gateway('b', { leaving: true })])).toBe('b');
  });
});
