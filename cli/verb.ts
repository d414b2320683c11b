// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../kube/base/clock.ts';
import type { Cluster } from './cluster.ts';
import type { CommonOptions, Flags, FlagTable } from './options.ts';
import type { Paint } from './print/paint.ts';

/** What a verb gets for its work. */
export interface Session {
  /** Opened at its first use. */
  readonly cluster: Cluster;
  readonly common: CommonOptions;
  readonly flags: Flags;
  /** Arguments that are not flags; only for verbs that take some. */
  readonly words: readonly string[];
  readonly clock: Clock;
  readonly paint: Paint;
  /** Whether the output is a terminal, where lines may be drawn again. */
  readonly terminal: boolean;
  /** Aborted when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
  write(text: string): void;
}

/** One verb of `kubectl heddle`. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  readonly flags: FlagTable;
  /** Whether it takes arguments that are not flags, such as names. */
  readonly takesWords?: true;
  /** Returns the exit code: 0, or 1 when something that was asked about is not as it should be. */
  run(session: Session): Promise<number>;
}
