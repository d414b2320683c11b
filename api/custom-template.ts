// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { CustomFunctionSpec } from './generated/types.ts';

/**
 * Names what the pods of a custom function are made from. Its edits reach no running container: an instance is of the
 * newest spec when it was made from the same. How many there are and how long they stay is no part of them.
 */
export function customTemplateOf(spec: CustomFunctionSpec): string {
  const { replicas: _replicas, drainSeconds: _drainSeconds, ...template } = spec;
  return createHash('sha256').update(JSON.stringify(template, sorted)).digest('hex').slice(0, 16);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
