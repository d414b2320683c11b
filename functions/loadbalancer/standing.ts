// SPDX-License-Identifier: Apache-2.0
import type { Backend } from './backends.ts';
import type { Health } from './health.ts';

/** Whether a backend may be used at this moment, and why. */
export interface Standing {
  readonly backend: Backend;
  readonly takes: boolean;
  readonly keeps: boolean;
  readonly reason: 'Healthy' | 'NotChecked' | 'Starting' | 'CheckFailed' | 'Draining' | 'NoWeight';
  /** In milliseconds since 1970; undefined when nothing has changed since the backend was added. */
  readonly since: number | undefined;
  readonly message: string | undefined;
}

/**
 * Pure: whether a backend takes new flows and keeps its own. A backend that fails its checks loses both. One that
 * drains, or whose weight is 0, keeps the flows that it has.
 */
export function judgeStanding(
  backend: Backend,
  {
    checked,
    health,
    hopeful = false,
    expired,
  }: {
    /** Whether the spec has health checks. */
    readonly checked: boolean;
    readonly health: Health | undefined;
    /** Whether the backend is used before anything is known of it. */
    readonly hopeful?: boolean;
    /** Whether its drain time is over. */
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
