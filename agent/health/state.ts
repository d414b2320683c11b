// SPDX-License-Identifier: Apache-2.0
import type { ProbeLevel } from '../kernel/protocol.ts';

/** What is known of one target: one family of an instance, or a node. */
export type Health =
  /** Has not answered yet, and has not had the time to. */
  | { readonly kind: 'Proving' }
  | { readonly kind: 'Healthy' }
  | { readonly kind: 'Down' }
  /** Answers again, since then without two misses in a row. */
  | { readonly kind: 'Recovering'; readonly since: number };

export type HealthEvent =
  | { readonly kind: 'Level'; readonly level: ProbeLevel }
  /** Time went by. */
  | { readonly kind: 'Tick' }
  /** Whoever probes began anew: what happened meanwhile nobody saw. */
  | { readonly kind: 'Blind' };

/** So long it must answer before it is used again. */
export const RECOVERY_MS = 1000;

/** What is known after an event. @param now milliseconds that never go back */
export function nextHealth(health: Health, event: HealthEvent, now: number): Health {
  switch (event.kind) {
    case 'Level':
      return afterLevel(health, event.level, now);
    case 'Tick':
      return health.kind === 'Recovering' && now - health.since >= RECOVERY_MS ? { kind: 'Healthy' } : health;
    case 'Blind':
      return health.kind === 'Recovering' ? { kind: 'Down' } : health;
  }
}

function afterLevel(health: Health, level: ProbeLevel, now: number): Health {
  switch (level) {
    case 0:
      if (health.kind === 'Proving') return { kind: 'Healthy' };
      return health.kind === 'Down' ? { kind: 'Recovering', since: now } : health;
    case 1:
      return health.kind === 'Recovering' ? { kind: 'Down' } : health;
    case 2:
      return { kind: 'Down' };
  }
}

const FROM_BEST: readonly Health['kind'][] = ['Healthy', 'Recovering', 'Proving', 'Down'];

/** An instance is as well as the worst of its families; nothing is known of one without any. */
export function worstOf(all: readonly Health[]): Health['kind'] {
  if (all.length === 0) return 'Proving';
  return FROM_BEST[Math.max(...all.map(({ kind }) => FROM_BEST.indexOf(kind)))]!;
}
