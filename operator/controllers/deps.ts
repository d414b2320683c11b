// SPDX-License-Identifier: Apache-2.0
import type { Writer } from '../../kube/apply.ts';
import type { Clock } from '../../kube/base/clock.ts';
import type { ControllerOptions } from '../../kube/controller.ts';
import type { EventRecorder } from '../../kube/events.ts';
import type { Limits } from '../compile/limits.ts';
import type { Stores } from '../observe/stores.ts';

/** The dependencies that main passes to every controller. */
export interface ControllerDeps {
  readonly stores: Stores;
  readonly writer: Writer;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: () => number;
  /** Most of what one tenant may have; the defaults if absent. */
  readonly limits?: Limits;
  /** Passed on to the Controller as it is. */
  readonly controller: Pick<ControllerOptions, 'log'> &
    Partial<Pick<ControllerOptions, 'synced' | 'metrics' | 'clock' | 'random'>>;
}
