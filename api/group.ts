// SPDX-License-Identifier: Apache-2.0
/** Of the kinds that people write or read: what the API promises holds for them. */
export const group = 'heddle.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}` as const;

/**
 * Of the kinds that operator and agents exchange (ChainSlice, NodeReport): it may change with every release, whatever
 * `version` is (docs/api-versions.md).
 */
export const internalGroup = `internal.${group}` as const;
export const internalVersion = version;
export const internalApiVersion = `${internalGroup}/${internalVersion}` as const;
