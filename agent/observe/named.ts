// SPDX-License-Identifier: Apache-2.0
import type { HopCounters } from '../../api/counters.ts';
import type { ChainSlice } from '../../api/index.ts';
import type { HopTraffic, PortTraffic } from './counters.ts';
import type { LocalState } from './local.ts';
import type { AgentStores } from './stores.ts';

/** The traffic of a Port, with the names of its pod and network. */
export interface PortCounters extends PortTraffic {
  readonly namespace: string;
  readonly pod: string;
  readonly interface: string;
}

/** Pure: gives hops of paths the names of their chains. A path without a chain has no name, and is left out. */
export function nameHops(
  hops: readonly HopTraffic[],
  slices: Pick<AgentStores['slices'], 'values'>,
): readonly HopCounters[] {
  const heads = new Map<number, ChainSlice>();
  for (const slice of slices.values()) if (slice.spec.slice === 0) heads.set(slice.spec.pathId, slice);
  return hops.flatMap(({ path, ...counted }) => {
    const head = heads.get(path);
    const hop = head?.spec.hops?.[counted.position];
    if (!head || !hop) return [];
    const { namespace } = head.metadata;
    return [{ namespace, chain: head.spec.chain, function: `${hop.kind}/${hop.name}`, ...counted }];
  });
}

/** Pure: gives the interfaces of this node the names of their pods. */
export function namePorts(
  traffic: ReadonlyMap<number, PortTraffic>,
  local: Pick<LocalState, 'interfaces'>,
  ports: Pick<AgentStores['ports'], 'get'>,
): readonly PortCounters[] {
  return [...local.interfaces].flatMap(([key, { ifindex }]) => {
    const port = ports.get(key);
    const counted = traffic.get(ifindex);
    // The traffic of an instance is counted at its hops.
    if (!port || !counted || port.spec.instance !== undefined) return [];
    const { pod, interface: name } = port.spec;
    return [{ namespace: port.metadata.namespace, pod: pod.name, interface: name, ...counted }];
  });
}
