// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../../api/conditions.ts';
import type { NetworkAttach, VirtualNetwork } from '../../../api/index.ts';
import { matchesLabels } from '../chain/selector.ts';
import type { NetworkView } from '../ports/types.ts';
import { compilePools } from './pools.ts';

type Labels = Readonly<Record<string, string>>;

/** The network as seen by pods that want to join it. `labelsOf` returns the labels of a namespace. */
export function viewNetwork(
  network: VirtualNetwork,
  labelsOf: (namespace: string) => Labels | undefined,
): NetworkView {
  const { namespace, name } = network.metadata;
  const pools = compilePools(network.spec.subnets);
  return {
    namespace,
    name,
    vni: network.status?.vni,
    mtu: network.status?.mtu,
    routes: network.status?.routes,
    behind: network.status?.observedGeneration !== network.metadata.generation,
    quota: network.spec.attach.quota,
    pools: pools.kind === 'Pools' ? pools.pools : [],
    deleting: network.metadata.deletionTimestamp !== undefined,
    refused: pools.kind === 'Invalid' ? pools.message : refusalOf(network),
    admits: (guest) => admits({ attach: network.spec.attach, home: namespace, guest, labelsOf }),
  };
}

// The removal of a subnet that Ports still use is refused, but the rest of the network continues to work.
function refusalOf({ status }: VirtualNetwork): string | undefined {
  const accepted = findCondition(status?.conditions, 'Accepted');
  if (accepted === undefined || accepted.status === 'True' || accepted.reason === 'SubnetInUse')
    return undefined;
  return accepted.message;
}

function admits(options: {
  readonly attach: NetworkAttach;
  readonly home: string;
  readonly guest: string;
  readonly labelsOf: (namespace: string) => Labels | undefined;
}): boolean {
  const { attach, home, guest, labelsOf } = options;
  switch (attach.namespaces) {
    case 'Same':
      return guest === home;
    case 'All':
      return true;
    case 'Selector': {
      const labels = labelsOf(guest);
      return labels !== undefined && attach.selector !== undefined && matchesLabels(attach.selector, labels);
    }
  }
}
