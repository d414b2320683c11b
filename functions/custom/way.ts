// SPDX-License-Identifier: Apache-2.0
import type { RuleCount } from '../../api/report.ts';

/** How packets of chains pass an instance: by the kernel's forwarding, or as frames. */
export interface Way {
  /** Lets them pass; before it nothing does. */
  open(): Promise<void>;
  /** What went `in` and came `out`. */
  count(): Promise<readonly RuleCount[]>;
  /** Whether flows are with this instance still. Absent: connection tracking knows. */
  isBusy?(): Promise<boolean>;
  stop(): void;
}
