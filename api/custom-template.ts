// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { CustomFunctionSpec } from './generated/types.ts';
import { portOf } from './list-defaults.ts';

/**
 * The hash of the spec fields from which the pods of a custom function are made. An edit of them reaches no running
 * container, so an instance is up to date when its hash is that of the newest spec. Replicas and drain time are not
 * in the hash. A default that is written is hashed like one that is absent.
 */
export function customTemplateOf(spec: CustomFunctionSpec): string {
  const { replicas: _replicas, drainSeconds: _drainSeconds, ports, ...rest } = spec;
  const template = { ...rest, ports: ports?.map(portOf) };
  return createHash('sha256').update(JSON.stringify(template, sorted)).digest('hex').slice(0, 16);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
