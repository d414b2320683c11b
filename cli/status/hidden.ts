// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../api/conditions.ts';
import type { Port, VirtualNetwork } from '../../api/index.ts';
import { keyOfRef } from '../../api/key.ts';
import { addressesOf, formatAddress } from '../../api/net/address.ts';
import { containsAddress, prefixesOf } from '../../api/net/prefix.ts';
import { type Finding, nameOf, type World } from './world.ts';

/**
 * Pure: finds networks that hide addresses of the cluster in their pods, and pods that have an address in a range of their
 * network that they do not route: what they send to such a range leaves by their own network.
 */
export function checkHidden({ networks, ports }: World): readonly Finding[] {
  const byKey = new Map(networks.map((network) => [keyOfRef(network.metadata), network]));
  return [
    ...networks.flatMap(findHiding),
    ...ports.flatMap((port) => {
      const network = port.spec.network && byKey.get(keyOfRef(port.spec.network));
      return network ? findUnrouted(port, network) : [];
    }),
  ];
}

function findHiding(network: VirtualNetwork): readonly Finding[] {
  const routed = findCondition(network.status?.conditions, 'Routed');
  if (routed?.reason !== 'ClusterRangesAllowed') return [];
  const object = nameOf('VirtualNetwork', network);
  return [{ severity: 'Notice', object, message: `Routed (${routed.reason}): ${routed.message}`, todo: '' }];
}

function findUnrouted(port: Port, { spec, status }: VirtualNetwork): readonly Finding[] {
  const { interface: name, pod, network, routes: own, addresses } = port.spec;
  const isGuest = network?.namespace !== port.metadata.namespace;
  const all = status?.routes?.map(({ cidr }) => cidr);
  const routes = isGuest ? (own ?? all) : all;
  if (routes === undefined) return [];
  const [routed, subnets] = [prefixesOf(routes), prefixesOf(spec.subnets.map(({ cidr }) => cidr))];
  const lost = addressesOf(addresses).find(
    (address) =>
      subnets.some((subnet) => containsAddress(subnet, address)) &&
      !routed.some((route) => containsAddress(route, address)),
  );
  if (lost === undefined) return [];
  const message = `interface ${name} of pod ${pod.name} has ${formatAddress(lost)}, whose subnet the pod does not route: what it sends there goes into the cluster, round the network's chains`;
  const todo = 'See the condition Routed of the network; then create the pod again.';
  return [{ severity: 'Problem', object: nameOf('Port', port), message, todo }];
}
