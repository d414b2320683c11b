// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from './object.ts';

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

/** A lease, and when it last changed by our own clock. Clocks of different machines are never compared. */
export interface ObservedLease {
  readonly lease: Lease;
  readonly changedAt: number;
}

/** Pure: the observed lease after another read. */
export function observeLease(before: ObservedLease | undefined, lease: Lease, at: number): ObservedLease {
  const same = before?.lease.metadata?.resourceVersion === lease.metadata?.resourceVersion;
  return { lease, changedAt: before && same ? before.changedAt : at };
}

/** Pure: whether the holder has not renewed the lease for its duration, or has released it. */
export function isExpired({ lease, changedAt }: ObservedLease, at: number): boolean {
  if (!lease.spec?.holderIdentity) return true;
  return at - changedAt > (lease.spec.leaseDurationSeconds ?? 0) * 1000;
}

/** Pure: the spec that acquires or renews the lease. */
export function renderLeaseSpec(
  before: LeaseSpec | undefined,
  claim: { readonly identity: string; readonly leaseDurationMs: number; readonly now: number },
): LeaseSpec {
  const renewing = before?.holderIdentity === claim.identity;
  const now = microTime(claim.now);
  return {
    holderIdentity: claim.identity,
    leaseDurationSeconds: Math.ceil(claim.leaseDurationMs / 1000),
    acquireTime: (renewing ? before.acquireTime : undefined) ?? now,
    renewTime: now,
    leaseTransitions: (before?.leaseTransitions ?? 0) + (renewing || !before ? 0 : 1),
  };
}

/** Pure: the spec that releases the lease: no holder, and no time to wait. */
export function renderReleased({ holderIdentity: _, ...spec }: LeaseSpec): LeaseSpec {
  return { ...spec, leaseDurationSeconds: 1 };
}

/** A time as MicroTime, which Kubernetes requires in a Lease. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
