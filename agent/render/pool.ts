// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** The function whose instances are a pool. */
export interface PoolName {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** Id of a pool in the maps: of 64 bits, so that two functions of a cluster never share one. */
export function poolId({ namespace, kind, name }: PoolName): bigint {
  return createHash('sha256').update(`${namespace}/${kind}/${name}`).digest().readBigUInt64LE();
}
