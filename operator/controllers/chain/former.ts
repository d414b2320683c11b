// SPDX-License-Identifier: Apache-2.0
import { isFormer } from '../../../api/former.ts';
import type { ChainSlice } from '../../../api/index.ts';
import { keyOf } from '../../../api/key.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import type { FormerSlices } from '../../apply/slices.ts';
import type { Stores } from '../../observe/stores.ts';

// Support for upgrades from the previous release (api/former.ts).

/**
 * The slices of a chain in the former group, for agents of the previous release. When one of them has reported, such
 * agents may be running.
 */
export function observeFormerSlices(
  stores: Pick<Stores, 'formerChainSlices' | 'formerNodeReports'>,
  chain: string,
): FormerSlices {
  return {
    areRead: stores.formerNodeReports.size > 0,
    stored: stores.formerChainSlices.byIndex('chain', chain),
  };
}

/**
 * The generations of a chain's slices that a node has in its kernel; undefined when the node has not reported. Agents
 * of the previous release report generations of the former objects. A former object that is equal to its present
 * slice counts as that slice.
 */
export function observeReported(
  stores: Pick<Stores, 'formerChainSlices' | 'nodeReports'>,
  node: string,
  slices: readonly ChainSlice[],
): Readonly<Record<string, number>> | undefined {
  const report = stores.nodeReports.byIndex('node', node)[0];
  if (!report) return undefined;
  const reported = report.status?.slices ?? {};
  if (!isFormer(report)) return reported;
  const equal = slices.flatMap((slice) => {
    const key = keyOf(slice);
    const former = stores.formerChainSlices.get(key);
    const isEqual =
      former && former.metadata.generation === reported[key] && sameJson(former.spec, slice.spec);
    return isEqual ? [[key, slice.metadata.generation ?? 0] as const] : [];
  });
  return Object.fromEntries(equal);
}
