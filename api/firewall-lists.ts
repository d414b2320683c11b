// SPDX-License-Identifier: Apache-2.0
import type { FirewallSpec } from './generated/types.ts';

/** A set of a firewall whose addresses are in a ConfigMap. */
export interface ListSource {
  readonly set: string;
  readonly configMap: string;
  /** Absent: all keys. */
  readonly key?: string | undefined;
}

/** The sets of a firewall whose addresses are in ConfigMaps, in the order of the spec. */
export function listSourcesOf({ sets = [] }: Pick<FirewallSpec, 'sets'>): readonly ListSource[] {
  return sets.flatMap(({ name, configMapRef }) =>
    configMapRef ? [{ set: name, configMap: configMapRef.name, key: configMapRef.key }] : [],
  );
}
