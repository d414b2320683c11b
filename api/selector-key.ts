// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector } from './generated/types.ts';

/** Selectors of pods in a function's spec. */
export interface PodsSelected {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
}

/**
 * The canonical text of a selector. The operator stores the addresses of the selected pods in `peers.json` under this
 * key, and the function looks them up by it. Fields are sorted, and fields that are not part of the selector are left
 * out.
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
