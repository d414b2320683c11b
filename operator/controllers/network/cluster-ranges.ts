// SPDX-License-Identifier: Apache-2.0
import type { Prefix } from '../../../api/net/prefix.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import type { Node } from '../../../kube/slim.ts';
import { type ClusterRanges, compileClusterRanges } from '../../compile/network/cluster-ranges.ts';
import type { Stores } from '../../observe/stores.ts';

type Known = Pick<Stores, 'nodes' | 'serviceCidrs' | 'apiService'>;

/** Compiled ranges for each set of stores; `ranges` is undefined after a change. */
const compiled = new WeakMap<Stores['nodes'], { ranges: ClusterRanges | undefined }>();

/** The cluster's own ranges, compiled again only after one of them changed: every pass over a network asks. */
export function observeClusterRanges(stores: Known, named: readonly Prefix[]): ClusterRanges {
  let cache = compiled.get(stores.nodes);
  if (cache === undefined) {
    cache = { ranges: undefined };
    compiled.set(stores.nodes, cache);
    forgetOnChange(stores, cache);
  }
  cache.ranges ??= compileClusterRanges({
    nodes: stores.nodes.values(),
    serviceCidrs: stores.serviceCidrs.values(),
    apiService: stores.apiService.get('default/kubernetes'),
    named,
  });
  return cache.ranges;
}

function forgetOnChange(stores: Known, cache: { ranges: ClusterRanges | undefined }): void {
  const forget = (): void => {
    cache.ranges = undefined;
  };
  stores.nodes.subscribe(({ old, object }) => {
    if (!sameJson(rangesOf(old), rangesOf(object))) forget();
  });
  stores.serviceCidrs.subscribe(forget);
  stores.apiService.subscribe(forget);
}

function rangesOf(node: Node | undefined): unknown {
  return node && [node.podCIDRs, node.status.internalIPs, node.status.externalIPs];
}
