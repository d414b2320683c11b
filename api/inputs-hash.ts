// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

interface Versioned {
  readonly metadata?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

/**
 * The hash, in 12 characters, of the versions of a function's ConfigMaps: those that the spec names and that of the
 * selected pods. Missing ones count too. The function reports the hash that it has applied, and the operator compares
 * it.
 */
export function hashInputs(configMaps: ReadonlyMap<string, Versioned | undefined>): string {
  const hash = createHash('sha256');
  for (const [name, map] of [...configMaps].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name} ${map?.metadata?.uid ?? '-'} ${map?.metadata?.resourceVersion ?? '-'}\n`);
  }
  return hash.digest('hex').slice(0, 12);
}

/** The name of a Secret among the inputs. It differs from that of a ConfigMap with the same name. */
export function secretKey(name: string): string {
  return `secret/${name}`;
}
