// SPDX-License-Identifier: Apache-2.0
import type { Port, VirtualNetwork } from '../../api/index.ts';
import { keyOf, keyOfRef } from '../../api/key.ts';
import type { NetworkFacts } from '../render/attachment.ts';
import type { AgentStores } from './stores.ts';

/** The other Ports of a Port's pod that are on networks. */
export function matesOf(
  { ports }: Pick<AgentStores, 'ports'>,
  { metadata, spec }: Pick<Port, 'metadata' | 'spec'>,
): readonly Port[] {
  return ports
    .byIndex('pod', spec.pod.uid)
    .filter((other) => other.spec.network !== undefined && keyOf(other) !== keyOfRef(metadata));
}

/** The properties of a network that the attachments of its Ports need. */
export function networkFacts({ ports }: Pick<AgentStores, 'ports'>, network: VirtualNetwork): NetworkFacts {
  const { spec, status } = network;
  return {
    // A subnet that was taken out of the spec stays in status while a Port has an address of it.
    subnets: [...new Set([...spec.subnets, ...(status?.subnets ?? [])].map(({ cidr }) => cidr))],
    prefixes: ports
      .byIndex('network', keyOfRef(network.metadata))
      .flatMap(({ spec: { prefixes } }) => prefixes ?? []),
    routes: status?.routes?.map(({ cidr }) => cidr),
  };
}
