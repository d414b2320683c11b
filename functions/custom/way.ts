// SPDX-License-Identifier: Apache-2.0
import type { RuleCount } from '../../api/report.ts';

/** How packets of chains pass an instance: by the kernel's forwarding, or as frames. */
export interface Way {
  /** Lets packets pass; before this call, no packet passes. */
  open(): Promise<void>;
  /** Counts what went `in` and came `out`. */
  count(): Promise<readonly RuleCount[]>;
  /** Whether the instance still has flows. Absent: connection tracking decides. */
  isBusy?(): Promise<boolean>;
  stop(): void;
}
