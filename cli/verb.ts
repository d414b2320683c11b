// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../kube/base/clock.ts';
import type { Cluster } from './cluster.ts';
import type { CommonOptions, Flags, FlagTable } from './options.ts';
import type { Paint } from './print/paint.ts';

/** What a verb works with. */
export interface Session {
  /** Opened when it is first asked for. */
  readonly cluster: Cluster;
  readonly common: CommonOptions;
  readonly flags: Flags;
  /** Words that are no flags; of verbs that take some. */
  readonly words: readonly string[];
  readonly clock: Clock;
  readonly paint: Paint;
  /** Whether a person looks on: what is shown may be drawn anew. */
  readonly terminal: boolean;
  /** Aborted when the person has seen enough. */
  readonly signal: AbortSignal;
  write(text: string): void;
}

/** One verb of `kubectl heddle`. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  readonly flags: FlagTable;
  /** Whether it takes words that are no flags, such as names. */
  readonly takesWords?: true;
  /** Answers the exit code: 0, or 1 when what was asked about is not well. */
  run(session: Session): Promise<number>;
}
