// SPDX-License-Identifier: Apache-2.0
import type { ProbeLevel } from '../kernel/protocol.ts';

/** The health of one target: one family of an instance, or a node. */
export type Health =
  /** It has not answered yet, and has not missed enough probes to be down. */
  | { readonly kind: 'Proving' }
  | { readonly kind: 'Healthy' }
  | { readonly kind: 'Down' }
  /** It was down and answers again, without two misses in a row since then. */
  | { readonly kind: 'Recovering'; readonly since: number };

export type HealthEvent =
  | { readonly kind: 'Level'; readonly level: ProbeLevel }
  /** Time has passed: a recovering target may be healthy now. */
  | { readonly kind: 'Tick' }
  /** The probes were interrupted, and began again: answers of the meantime are not known. */
  | { readonly kind: 'Blind' };

/** How long a target must answer again before it is healthy. */
export const RECOVERY_MS = 1000;

/** The health after an event. @param now milliseconds of a monotonic clock */
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

/** The health of an instance: that of its worst family; `Proving` without any. */
export function worstOf(all: readonly Health[]): Health['kind'] {
  if (all.length === 0) return 'Proving';
  return FROM_BEST[Math.max(...all.map(({ kind }) => FROM_BEST.indexOf(kind)))]!;
}
