// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { KernelTable } from '../shared/nft/kernel-table.ts';
import type { Backend } from './backends.ts';
import { type CheckPlan, HealthChecks } from './checks.ts';
import { type Frontend, Frontends, frontendsOf } from './frontends.ts';
import type { BackendPicture, Picture } from './picture.ts';
import { renderRuleset } from './render.ts';
import { judgeStanding, type OnUnhealthy, type Standing } from './standing.ts';

/** The desired state of a load balancer, from the spec and the operator, at one moment. */
export interface Plan {
  readonly picture: Omit<Picture, 'backends'>;
  readonly backends: readonly Backend[];
  /** Whether a removed backend may still exist and have flows: true for a backend by address, false for a pod. */
  readonly outlives: boolean;
  readonly drainMs: number;
  readonly onUnhealthy: OnUnhealthy;
  readonly checks: CheckPlan | undefined;
}

export interface BalancerOptions {
  readonly table: Pick<KernelTable, 'apply'>;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'error'>;
  /** Called with the backends whose flows must not go on. */
  readonly onGone: (addresses: readonly string[]) => void;
  /** Called with a frontend that was removed, and whose flows must not go on. */
  readonly onClosed: (frontend: Frontend) => void;
}

/**
 * A running load balancer: it makes the kernel's table equal to the plan and to the results of health checks, whichever
 * of them changed. One transaction runs at a time; changes during it go into the next one.
 */
export class Balancer {
  readonly #options: BalancerOptions;
  readonly #checks: HealthChecks;
  readonly #frontends: Frontends;
  readonly #drainingSince = new Map<string, number>();
  #plan: Plan | undefined;
  #standings: readonly Standing[] = [];
  #kept: readonly string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #dirty = false;
  #cancelLook: () => void = () => undefined;

  constructor(options: BalancerOptions) {
    this.#options = options;
    this.#checks = new HealthChecks({ clock: options.clock, onChange: () => this.#wake() });
    this.#frontends = new Frontends({ clock: options.clock, onGone: options.onClosed });
  }

  /** The backends as they were when the kernel was last written, with what their last checks say. */
  get standings(): readonly Standing[] {
    return this.#standings.map((each) => {
      const health = this.#checks.healthOf(each.backend.address);
      return health && each.reason !== 'UnknownAddress' ? { ...each, message: health.message } : each;
    });
  }

  /** Resolves when the plan is in the kernel. */
  async follow(plan: Plan): Promise<void> {
    const isFirst = this.#plan === undefined;
    this.#plan = { ...plan, backends: [...plan.backends, ...this.#leftovers(plan)] };
    this.#noteDraining(this.#plan);
    // Health checks need rules of this table, so the table must be there first.
    if (isFirst) await this.#write();
    this.#checks.follow(
      plan.checks,
      // Checks leave from the load balancer's address of their family.
      this.#plan.backends
        .filter(({ family }) => plan.picture.addresses[family] !== undefined)
        .map(({ address }) => address),
    );
    if (!isFirst) await this.#write();
  }

  stop(): void {
    this.#checks.stop();
    this.#frontends.stop();
    this.#cancelLook();
  }

  /**
   * The backends that only the former plan had, and whose flows go on for a while: those that may still exist, and those
   * of a family in which the load balancer has no address any more.
   */
  #leftovers({ backends, outlives, picture }: Plan): readonly Backend[] {
    const named = new Set(backends.map(({ address }) => address));
    return (this.#plan?.backends ?? [])
      .filter(({ family }) => outlives || picture.addresses[family] === undefined)
      .filter((each) => !named.has(each.address) && !this.#isExpired(each.address))
      .map((each) => ({ ...each, draining: true, unready: false }));
  }

  /** Notes since when each backend drains whose time is limited. */
  #noteDraining({ backends, onUnhealthy }: Plan): void {
    const isLimited = ({ draining, unready }: Backend): boolean =>
      draining && !(unready && onUnhealthy === 'Keep');
    const draining = new Set(backends.filter(isLimited).map(({ address }) => address));
    for (const address of this.#drainingSince.keys()) {
      if (!draining.has(address)) this.#drainingSince.delete(address);
    }
    for (const address of draining) {
      if (!this.#drainingSince.has(address)) {
        this.#drainingSince.set(address, this.#options.clock.monotonic());
      }
    }
  }

  #leftMs(address: string): number {
    const since = this.#drainingSince.get(address);
    if (since === undefined) return Number.POSITIVE_INFINITY;
    return since + (this.#plan?.drainMs ?? 0) - this.#options.clock.monotonic();
  }

  #isExpired(address: string): boolean {
    return this.#leftMs(address) <= 0;
  }

  /** Schedules a write, because a check had a new result. */
  #wake(): void {
    if (!this.#plan) return;
    this.#write().catch((error: unknown) => {
      this.#options.log.error({ error }, 'the state of the backends could not be written; trying again');
      this.#lookAgainIn(RETRY_MS);
    });
  }

  #write(): Promise<void> {
    this.#dirty = true;
    const turn = this.#writing.then(async () => {
      if (!this.#dirty) return;
      this.#dirty = false;
      try {
        await this.#writeOnce();
      } catch (error) {
        // A later call still needs this write.
        this.#dirty = true;
        throw error;
      }
    });
    this.#writing = turn.catch(() => undefined);
    return turn;
  }

  async #writeOnce(): Promise<void> {
    const plan = this.#plan!;
    // Read together with the judgement: a time that runs out while the kernel is written must be looked at again.
    const judgedAt = this.#options.clock.monotonic();
    const left = plan.backends.map(({ address }) => this.#leftMs(address)).filter((ms) => ms > 0);
    const standings = plan.backends.map((backend) =>
      judgeStanding(backend, {
        checked: plan.checks !== undefined,
        health: this.#checks.healthOf(backend.address),
        hopeful: this.#checks.isHopeful(backend.address),
        expired: this.#isExpired(backend.address),
        onUnhealthy: plan.onUnhealthy,
      }),
    );
    await this.#options.table.apply(
      renderRuleset({ ...plan.picture, backends: standings.map(renderBackend) }),
    );
    this.#frontends.follow(frontendsOf(plan.picture), plan.drainMs);
    this.#tell(standings);
    this.#standings = standings;
    const next = Math.min(...left) - (this.#options.clock.monotonic() - judgedAt);
    if (Number.isFinite(next)) this.#lookAgainIn(Math.max(0, next));
  }

  #tell(standings: readonly Standing[]): void {
    const kept = standings.filter(({ keeps }) => keeps).map(({ backend }) => backend.address);
    const still = new Set(kept);
    const gone = this.#kept.filter((address) => !still.has(address));
    this.#kept = kept;
    const before = new Map(this.#standings.map((each) => [each.backend.address, each]));
    for (const { backend, reason, message } of standings) {
      const { address, pod } = backend;
      if (before.get(address)?.reason !== reason) {
        this.#options.log.info({ backend: address, pod, reason, message }, 'backend');
      }
    }
    if (gone.length > 0) this.#options.onGone(gone);
  }

  #lookAgainIn(ms: number): void {
    this.#cancelLook();
    this.#cancelLook = this.#options.clock.after(ms, () => this.#wake());
  }
}

const RETRY_MS = 1000;

function renderBackend({ backend, takes, keeps }: Standing): BackendPicture {
  const { address, family, weight, draining } = backend;
  return { address, family, weight: draining ? 0 : weight, takes, keeps };
}
