// SPDX-License-Identifier: Apache-2.0
import { apiVersion } from './group.ts';

/**
 * ChainSlices and NodeReports were in the group of the public kinds up to 0.1. While a cluster is upgraded, operators
 * and agents of both releases run at once: those of this one read both groups, and write into the former one what
 * agents and operators of the other need (docs/api-versions.md). All of it goes with the next release: whatever names
 * `former`.
 */
export function isFormer(object: { readonly apiVersion?: string | undefined }): boolean {
  return object.apiVersion === apiVersion;
}
