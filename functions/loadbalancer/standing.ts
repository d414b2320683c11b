// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancerSpec } from '../../api/index.ts';
import type { Backend } from './backends.ts';
import type { Health } from './health.ts';

/** Whether a backend may be used at this moment, and why. */
export interface Standing {
  readonly backend: Backend;
  readonly takes: boolean;
  readonly keeps: boolean;
  readonly reason:
    | 'Healthy'
    | 'NotChecked'
    | 'Starting'
    | 'CheckFailed'
    | 'Draining'
    | 'NoWeight'
    | 'UnknownAddress';
  /** In milliseconds since 1970; undefined when nothing has changed since the backend was added. */
  readonly since: number | undefined;
  readonly message: string | undefined;
}

/** What becomes of the established flows of a backend that is unhealthy. */
export type OnUnhealthy = NonNullable<LoadBalancerSpec['onUnhealthy']>;

export interface Circumstances {
  /** Whether the spec has health checks. */
  readonly checked: boolean;
  readonly health: Health | undefined;
  /** Whether the backend is used before anything is known of it. */
  readonly hopeful?: boolean;
  /** Whether its drain time is over. */
  readonly expired: boolean;
  readonly onUnhealthy: OnUnhealthy;
}

/**
 * Pure: whether a backend takes new flows and keeps its own. A backend that fails its checks takes none, and keeps its
 * own if `onUnhealthy` says so. One that drains, or whose weight is 0, keeps the flows that it has.
 */
export function judgeStanding(backend: Backend, circumstances: Circumstances): Standing {
  const { checked, health, hopeful = false, expired, onUnhealthy } = circumstances;
  const { draining, weight } = backend;
  const isFailed = checked && health?.healthy === false;
  const isUnknown = backend.unknown && health?.healthy !== true;
  const well = checked ? health?.healthy === true : !isUnknown;
  const reason = ((): Standing['reason'] => {
    if (isUnknown) return 'UnknownAddress';
    if (isFailed) return 'CheckFailed';
    if (draining) return 'Draining';
    if (weight === 0) return 'NoWeight';
    if (!checked) return 'NotChecked';
    return well ? 'Healthy' : 'Starting';
  })();
  return {
    backend,
    takes: (well || (hopeful && health === undefined && !isUnknown)) && !draining && weight > 0,
    keeps: !(isFailed && onUnhealthy === 'Reset') && !expired,
    reason,
    since: health?.since,
    message: reason === 'UnknownAddress' ? UNKNOWN : health?.message,
  };
}

const UNKNOWN = 'no pod of the network has this address, and no VPN leads to it';
