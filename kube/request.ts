// SPDX-License-Identifier: Apache-2.0
/** A request to an API server and a watch, as values. */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export const JSON_TYPE = 'application/json';
export const APPLY_TYPE = 'application/apply-patch+yaml';
export const MERGE_TYPE = 'application/merge-patch+json';

export interface RequestOptions {
  readonly query?: Query;
  /** The body, sent as JSON. JSON is valid YAML, so apply patches are sent the same way. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** Headers that the API server passes on to a program behind its proxy. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Timeout of the whole exchange; default 30 s. */
  readonly timeoutMs?: number;
}

export interface WatchOptions {
  readonly query?: Query;
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** Time without a byte after which the connection counts as dead and the watch fails with reason Stalled. */
  readonly idleTimeoutMs: number;
  readonly onOpen?: () => void;
  /**
   * Called with each JSON value of the stream, in order. An error that it throws ends the watch and is passed to the
   * caller.
   */
  readonly onValue: (value: unknown) => void;
}
