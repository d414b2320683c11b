import { createHash } from 'node:crypto';
import type { KubeObject } from '../../operator/runtime/object.ts';

/** Pure: which versions of its ConfigMaps a function works with, in 12 characters. */
export function hashInputs(configMaps: ReadonlyMap<string, KubeObject | undefined>): string {
  const hash = createHash('sha256');
  for (const [name, map] of [...configMaps].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name} ${map?.metadata?.uid ?? '-'} ${map?.metadata?.resourceVersion ?? '-'}\n`);
  }
  return hash.digest('hex').slice(0, 12);
}
