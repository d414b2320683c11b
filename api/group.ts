// SPDX-License-Identifier: Apache-2.0
/** API group of the kinds that users write or read. The API's guarantees hold for them. */
export const group = 'heddle.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}` as const;

/**
 * API group of the kinds that operator and agents exchange (ChainSlice, NodeReport). It may change with every
 * release, whatever `version` is (docs/api-versions.md).
 */
export const internalGroup = `internal.${group}` as const;
export const internalVersion = version;
export const internalApiVersion = `${internalGroup}/${internalVersion}` as const;
