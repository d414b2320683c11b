// SPDX-License-Identifier: Apache-2.0
import { isAlreadyExists, isConflict, isUnanswered } from './api-error.ts';
import { Writer } from './apply.ts';
import { jittered } from './base/backoff.ts';
import { type Clock, sleep, systemClock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import {
  isExpired,
  type Lease,
  type LeaseSpec,
  type ObservedLease,
  observeLease,
  renderLeaseSpec,
  renderReleased,
} from './lease-record.ts';
import type { ObjectRef } from './resource.ts';
import { resources } from './resource.ts';
import type { Transport } from './transport.ts';

export interface LeaseTimes {
  /** How long other replicas wait after our last renewal before they take over. */
  readonly leaseDurationMs: number;
  /** How long after the last renewal this replica still counts as leader; less than leaseDurationMs. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

export const DEFAULT_LEASE_TIMES: LeaseTimes = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
};

export interface LeaseElectorOptions {
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
  /** Unique identity: the pod's name and uid. */
  readonly identity: string;
  readonly log: Logger;
  readonly times?: LeaseTimes;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Called once when this replica becomes leader. */
  readonly onLeading?: () => void;
  /** Called once when this replica loses the lease without having been asked to stop. The process should exit. */
  readonly onLost?: () => void;
}

/** Delay after a request without an answer. It is short, because a leader is needed as soon as the server is back. */
const UNANSWERED_MS = 500;

/** LeaseElector takes part in the election of one leader by a coordination.k8s.io Lease. */
export class LeaseElector {
  readonly #options: LeaseElectorOptions;
  readonly #times: LeaseTimes;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #ref: ObjectRef;
  readonly #writer: Writer;
  #observed: ObservedLease | undefined;
  /** When the last successful renewal was sent. Other replicas count from a later moment. */
  #renewedAt: number | undefined;
  #wasAnswered = true;

  constructor(options: LeaseElectorOptions) {
    this.#options = options;
    this.#times = options.times ?? DEFAULT_LEASE_TIMES;
    if (this.#times.renewDeadlineMs >= this.#times.leaseDurationMs) {
      throw new Error('lease: renewDeadlineMs must be less than leaseDurationMs');
    }
    this.#writer = new Writer({
      transport: options.transport,
      fieldManager: 'heddle-election',
      // A request without an answer must leave time for another one before the deadline.
      timeoutMs: this.#times.renewDeadlineMs / 2,
    });
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#ref = { resource: resources.leases, namespace: options.namespace, name: options.name };
  }

  /**
   * Whether this replica is the leader at this moment. It becomes false by time alone, before another replica can
   * become leader. This holds also for a process that was stopped or a machine that was suspended, before it can read
   * the lease again.
   */
  isLeader(): boolean {
    const { renewDeadlineMs } = this.#times;
    return this.#renewedAt !== undefined && this.#clock.sinceBoot() - this.#renewedAt < renewDeadlineMs;
  }

  /** The leader, as last seen. */
  get holder(): string | undefined {
    return this.#observed?.lease.spec?.holderIdentity || undefined;
  }

  /**
   * Takes part until the signal is aborted or the lease is lost. Releases the lease if this replica holds it. Never
   * rejects.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { log, identity, onLeading, onLost } = this.#options;
    while (!signal.aborted && !(await this.#attempt())) await this.#pause(signal);
    if (!signal.aborted) {
      log.info({ identity }, 'leading');
      onLeading?.();
      await this.#hold(signal);
    }
    if (signal.aborted) return this.#release();
    log.error({ identity, holder: this.holder }, 'lost the lease');
    onLost?.();
  }

  async #hold(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.isLeader()) {
      await this.#pause(signal);
      if (signal.aborted || !this.isLeader()) return;
      await this.#attempt();
    }
  }

  /** Tries once to acquire or renew the lease; true when this replica holds it now. */
  async #attempt(): Promise<boolean> {
    const sentAt = this.#clock.sinceBoot();
    try {
      this.#wasAnswered = true;
      const held = await this.#takeOrRenew();
      this.#renewedAt = held ? sentAt : undefined;
      return held;
    } catch (error) {
      this.#wasAnswered = !isUnanswered(error);
      // No answer says nothing about the lease: a held lease lasts until its deadline, and no longer.
      if (!isConflict(error) && !isAlreadyExists(error)) {
        this.#options.log.warn({ error, lease: this.#options.name }, 'lease request failed');
      }
      return false;
    }
  }

  async #takeOrRenew(): Promise<boolean> {
    const { identity, namespace, name } = this.#options;
    const lease = await this.#writer.read<Lease>(this.#ref);
    const spec = this.#spec(lease?.spec);
    if (!lease) {
      const created = await this.#writer.create<Lease>(resources.leases, {
        metadata: { namespace, name },
        spec,
      });
      this.#observed = observeLease(undefined, created, this.#clock.sinceBoot());
      return true;
    }
    this.#observed = observeLease(this.#observed, lease, this.#clock.sinceBoot());
    const ours = lease.spec?.holderIdentity === identity;
    if (!ours && !isExpired(this.#observed, this.#clock.sinceBoot())) return false;
    const { resourceVersion } = lease.metadata ?? {};
    const metadata = { namespace, name, resourceVersion };
    const written = await this.#writer.replace<Lease>(resources.leases, { metadata, spec });
    this.#observed = observeLease(this.#observed, written, this.#clock.sinceBoot());
    return true;
  }

  #spec(before: LeaseSpec | undefined): LeaseSpec {
    const { identity } = this.#options;
    const { leaseDurationMs } = this.#times;
    return renderLeaseSpec(before, { identity, leaseDurationMs, now: this.#clock.now() });
  }

  /** Releases the lease, so that another replica can lead at once and need not wait for the lease's duration. */
  async #release(): Promise<void> {
    if (!this.isLeader()) return;
    const { identity, namespace, name, log } = this.#options;
    this.#renewedAt = undefined;
    try {
      const lease = await this.#writer.read<Lease>(this.#ref);
      if (lease?.spec?.holderIdentity !== identity) return;
      const metadata = { namespace, name, resourceVersion: lease.metadata?.resourceVersion };
      const spec = renderReleased(lease.spec);
      await this.#writer.replace<Lease>(resources.leases, { metadata, spec });
      log.info({ identity }, 'released the lease');
    } catch (error) {
      log.warn({ error }, 'could not release the lease: the other replica waits until it expires');
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    const { retryPeriodMs } = this.#times;
    const periodMs = this.#wasAnswered ? retryPeriodMs : Math.min(retryPeriodMs, UNANSWERED_MS);
    return sleep(this.#clock, jittered(periodMs, 0.2, this.#random()), signal);
  }
}
