// SPDX-License-Identifier: Apache-2.0
import type { BackoffOptions } from './base/backoff.ts';
import type { Clock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resource.ts';
import type { StoreWriter } from './store.ts';
import type { Transport } from './transport.ts';
import type { WatchEvent } from './watch-event.ts';

/** The metrics of a reflector; labels are the names of the resource and of its store. */
export interface ReflectorMetrics {
  listed(store: string, objects: number): void;
  watchEnded(store: string, reason: string): void;
  event(store: string, kind: WatchEvent['kind']): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly transport: Transport;
  readonly resource: Resource;
  readonly store: StoreWriter<T>;
  readonly log: Logger;
  /**
   * Pure; applied to each object before it is stored, to drop fields that are not used. managedFields are removed
   * already.
   */
  readonly transform?: (object: KubeObject) => T;
  /** Namespace to watch. Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Whether the server sends only the metadata of each object. */
  readonly metadataOnly?: boolean;
  /**
   * Whether a kind that the server does not know (any more) counts as one without objects. Default: wait for the
   * kind.
   */
  readonly optional?: boolean;
  readonly pageSize?: number;
  /** The server is asked to end a watch after 1 to 2 times this time; default 5 minutes. */
  readonly watchTimeoutMs?: number;
  /**
   * Time without a byte after which a watch is dead; the server sends a bookmark about every minute. Default 3
   * minutes.
   */
  readonly stallMs?: number;
  readonly backoff?: BackoffOptions;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly metrics?: ReflectorMetrics;
}
