// SPDX-License-Identifier: Apache-2.0
import type { Backend } from './backends.ts';
import type { Health } from './health.ts';

/** What a backend is good for at this moment, and why. */
export interface Standing {
  readonly backend: Backend;
  readonly takes: boolean;
  readonly keeps: boolean;
  readonly reason: 'Healthy' | 'NotChecked' | 'Starting' | 'CheckFailed' | 'Draining' | 'NoWeight';
  /** In milliseconds since 1970; undefined where nothing has changed since it came. */
  readonly since: number | undefined;
  readonly message: string | undefined;
}

/**
 * Pure: whether a backend takes new flows and keeps its own. One that does not answer loses both; one that drains or
 * has no weight keeps what it has.
 */
export function judgeStanding(
  backend: Backend,
  {
    checked,
    health,
    hopeful = false,
    expired,
  }: {
    /** Whether there are health checks at all. */
    readonly checked: boolean;
    readonly health: Health | undefined;
    /** Whether it is tried although nothing is known of it. */
    readonly hopeful?: boolean;
    /** Whether the time to drain is over. */
    readonly expired: boolean;
  },
): Standing {
  const { draining, weight } = backend;
  const well = !checked || health?.healthy === true;
  const reason = ((): Standing['reason'] => {
    if (checked && health?.healthy === false) return 'CheckFailed';
    if (draining) return 'Draining';
    if (weight === 0) return 'NoWeight';
    if (!checked) return 'NotChecked';
    return well ? 'Healthy' : 'Starting';
  })();
  return {
    backend,
    takes: (well || (hopeful && health === undefined)) && !draining && weight > 0,
    keeps: health?.healthy !== false && !expired,
    reason,
    since: health?.since,
    message: reason === 'CheckFailed' ? health?.message : undefined,
  };
}
