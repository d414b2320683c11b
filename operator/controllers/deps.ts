import type { Stores } from '../observe/stores.ts';
import type { Writer } from '../runtime/apply.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ControllerOptions } from '../runtime/controller.ts';
import type { EventRecorder } from '../runtime/events.ts';

/** What main gives to every controller. */
export interface ControllerDeps {
  readonly stores: Stores;
  readonly writer: Writer;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: () => number;
  /** Passed on to the Controller as it is. */
  readonly controller: Pick<ControllerOptions, 'log'> &
    Partial<Pick<ControllerOptions, 'synced' | 'metrics' | 'clock' | 'random'>>;
}
