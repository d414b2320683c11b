// SPDX-License-Identifier: Apache-2.0
import type { FirewallStatus } from '../../../api/index.ts';
import type { InstanceReport } from '../../../api/report.ts';
import type { Clock } from '../../../kube/base/clock.ts';
import type { Pod } from '../../../kube/slim.ts';
import {
  type Ledger,
  openLedger,
  type Totals,
  totalsOf,
  updateLedger,
} from '../../status/function/counters.ts';

/** How long ready instances may fail to answer before counting starts without them. */
const PATIENCE_MS = 30_000;

/** Adds up what the instances of one firewall count, for as long as this operator leads. */
export class Counting {
  readonly #clock: Clock;
  readonly #since: number;
  #ledger: Ledger | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /**
   * The totals after a round of reports. Until all living instances have answered once, the totals in the status
   * stay.
   */
  count(options: {
    readonly pods: readonly Pod[];
    readonly answers: ReadonlyMap<string, InstanceReport>;
    /** Names of the rules, in the order of the spec. */
    readonly names: readonly string[];
    readonly written: FirewallStatus | undefined;
  }): Totals {
    const { pods, answers, names, written } = options;
    const before = { rules: written?.rules ?? [], logged: written?.logged ?? 0 };
    if (this.#ledger) {
      const alive = new Set(pods.map((pod) => pod.metadata.uid));
      this.#ledger = updateLedger(this.#ledger, answers, { alive, known: new Set(names) });
    } else if (this.#mayOpen(pods, answers)) {
      this.#ledger = openLedger(before, answers);
    }
    return totalsOf(this.#ledger ?? openLedger(before, new Map()), names);
  }

  #mayOpen(pods: readonly Pod[], answers: ReadonlyMap<string, InstanceReport>): boolean {
    if (this.#clock.monotonic() - this.#since > PATIENCE_MS) return true;
    return pods.every((pod) => !pod.status.ready || answers.has(pod.metadata.uid));
  }
}
