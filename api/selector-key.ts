// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector } from './generated/types.ts';

/** Pods as a function's spec means them. */
export interface PodsSelected {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
}

/**
 * The one text of a selector: by it the operator files the addresses of its pods in `peers.json` and the
 * function finds them. Fields are sorted, and what else stands beside it is left out.
 */
export function selectorKey({ podSelector, namespaceSelector }: PodsSelected): string {
  return JSON.stringify(sortFields({ namespaceSelector, podSelector }));
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([name, field]) => [name, sortFields(field)]));
}
