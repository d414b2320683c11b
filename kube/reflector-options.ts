// SPDX-License-Identifier: Apache-2.0
import type { BackoffOptions } from './base/backoff.ts';
import type { Clock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resource.ts';
import type { StoreWriter } from './store.ts';
import type { Transport } from './transport.ts';
import type { WatchEvent } from './watch-event.ts';

/** What a reflector counts; names are those of the resource and of its store. */
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
  /** Pure; applied to each object on its way in: drop what nobody reads. managedFields are gone already. */
  readonly transform?: (object: KubeObject) => T;
  /** Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Let the server send only the metadata of each object. */
  readonly metadataOnly?: boolean;
  /** A kind that the server does not know (any more) counts as one of which there is no object; default: wait for it. */
  readonly optional?: boolean;
  readonly pageSize?: number;
  /** The server is asked to end a watch after 1 to 2 times this; default 5 minutes. */
  readonly watchTimeoutMs?: number;
  /** A watch silent for so long is dead: the server sends a bookmark about every minute. Default 3 minutes. */
  readonly stallMs?: number;
  readonly backoff?: BackoffOptions;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly metrics?: ReflectorMetrics;
}
