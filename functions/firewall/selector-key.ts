import type { LabelSelector } from '../../operator/api/index.ts';

/** A selector of pods as it stands in a rule. */
export interface PodsSelected {
  readonly podSelector?: LabelSelector | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
}

/** One spelling for equal selectors: keys sorted, nothing but the two selectors. */
export function selectorKey(selected: PodsSelected): string {
  const { podSelector, namespaceSelector } = selected;
  return JSON.stringify(sortKeys({ podSelector, namespaceSelector }));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
