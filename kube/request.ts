// SPDX-License-Identifier: Apache-2.0
/** A request to an API server and a watch, as values. */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export const JSON_TYPE = 'application/json';
export const APPLY_TYPE = 'application/apply-patch+yaml';
export const MERGE_TYPE = 'application/merge-patch+json';

export interface RequestOptions {
  readonly query?: Query;
  /** Sent as JSON (which is YAML too, so apply patches go the same way). */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** For the whole exchange; default 30 s. */
  readonly timeoutMs?: number;
}

export interface WatchOptions {
  readonly query?: Query;
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** No byte for so long: the connection is taken for dead and the watch fails with reason Stalled. */
  readonly idleTimeoutMs: number;
  readonly onOpen?: () => void;
  /** Each JSON value of the stream, in order. What it throws ends the watch and comes out of it. */
  readonly onValue: (value: unknown) => void;
}
