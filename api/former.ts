// SPDX-License-Identifier: Apache-2.0
import { apiVersion } from './group.ts';

/**
 * Whether an object is in the former group. Up to 0.1 ChainSlices and NodeReports were in the group of the public
 * kinds. During an upgrade, operators and agents of both releases run at once. Those of this release read both
 * groups, and write into the former group what programs of the previous release need (docs/api-versions.md). The next
 * release removes all code whose name contains `former`.
 */
export function isFormer(object: { readonly apiVersion?: string | undefined }): boolean {
  return object.apiVersion === apiVersion;
}
