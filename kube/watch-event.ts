// SPDX-License-Identifier: Apache-2.0
import type { ObjectMeta } from '../api/object-meta.ts';
import { isStatus, parseStatus } from './api-error.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resource.ts';

/** The event in one line of a watch. */
export type WatchEvent =
  | { readonly kind: 'Set'; readonly object: KubeObject }
  | { readonly kind: 'Delete'; readonly object: KubeObject }
  | { readonly kind: 'Bookmark'; readonly resourceVersion: string; readonly initialEventsEnd: boolean }
  | { readonly kind: 'Error'; readonly error: Error };

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Pure: the event in a line of a watch that was parsed from JSON. An invalid line is an Error event. */
export function parseWatchEvent(value: unknown): WatchEvent {
  const { type, object } = (value ?? {}) as { readonly type?: unknown; readonly object?: KubeObject };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      if (!object?.metadata?.name) break;
      return { kind: type === 'DELETED' ? 'Delete' : 'Set', object };
    case 'BOOKMARK':
      return {
        kind: 'Bookmark',
        resourceVersion: object?.metadata?.resourceVersion ?? '',
        initialEventsEnd: object?.metadata?.annotations?.[INITIAL_EVENTS_END] === 'true',
      };
    case 'ERROR':
      if (isStatus(object)) return { kind: 'Error', error: parseStatus(object, 0) };
      break;
  }
  return { kind: 'Error', error: new Error(`not a watch event: ${JSON.stringify(value)?.slice(0, 200)}`) };
}

/**
 * Pure: adds kind and apiVersion, which items of a list do not have, and removes `managedFields`, which is often half
 * of an object.
 */
export function completeObject(object: KubeObject, resource: Resource): KubeObject {
  const { managedFields: _, ...metadata } = (object.metadata ?? {}) as ObjectMeta & {
    managedFields?: unknown;
  };
  return {
    ...object,
    apiVersion: object.apiVersion ?? apiVersionOf(resource),
    kind: object.kind ?? resource.kind,
    metadata,
  };
}
