// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { ObjectMeta } from '../api/object-meta.ts';
import { cut } from '../api/shorten.ts';
import type { KubeObject } from './object.ts';

export type EventType = 'Normal' | 'Warning';

/** A note about an object, to be recorded as an Event. */
export interface EventNote {
  /** Identity of the object: apiVersion, kind, metadata.name, namespace and uid. */
  readonly object: KubeObject;
  readonly type: EventType;
  /** Reason in CamelCase, from the registry of reasons. */
  readonly reason: string;
  readonly message: string;
}

/** A core/v1 Event. */
export interface EventObject extends KubeObject {
  readonly metadata: ObjectMeta;
  readonly involvedObject: object;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
  readonly source: { readonly component: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

export interface Reporter {
  readonly component: string;
  readonly instance: string;
}

/** Pure: the series of a note. Notes of one series are one Event with a count. */
export function seriesOf({ object, type, reason, message }: EventNote): string {
  const { namespace, name, uid } = object.metadata ?? {};
  return JSON.stringify([object.kind, namespace, name, uid, type, reason, message]);
}

/** Pure: the Event of the first note of a series. */
export function renderEvent(note: EventNote, reporter: Reporter, at: number): EventObject {
  const { name = '', namespace, uid, resourceVersion } = note.object.metadata ?? {};
  const hash = createHash('sha256')
    .update(`${seriesOf(note)}${reporter.instance}${at}`)
    .digest('hex');
  const time = timestamp(at);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    // The name of an Event has the same maximum length as the name of the object in it.
    metadata: { name: `${cut(name, 230)}.${hash.slice(0, 16)}`, namespace: namespace ?? 'default' },
    involvedObject: {
      apiVersion: note.object.apiVersion,
      kind: note.object.kind,
      namespace,
      name,
      uid,
      resourceVersion,
    },
    type: note.type,
    reason: note.reason,
    message: note.message.slice(0, 1024),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: reporter.component },
    reportingComponent: reporter.component,
    reportingInstance: reporter.instance,
  };
}

/** Pure: a time in whole seconds, which is the precision of an Event. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
