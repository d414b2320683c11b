// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

interface Versioned {
  readonly metadata?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

/**
 * Which versions of its ConfigMaps a function works with, in 12 characters: those that the spec names and that
 * of the selected pods, also when they are not there. The function reports it, the operator knows what it should be.
 */
export function hashInputs(configMaps: ReadonlyMap<string, Versioned | undefined>): string {
  const hash = createHash('sha256');
  for (const [name, map] of [...configMaps].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name} ${map?.metadata?.uid ?? '-'} ${map?.metadata?.resourceVersion ?? '-'}\n`);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Under which name a Secret stands among the inputs, beside a ConfigMap that may have the same name. */
export function secretKey(name: string): string {
  return `secret/${name}`;
}
