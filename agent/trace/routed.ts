// SPDX-License-Identifier: Apache-2.0
import { labels, type Port } from '../../api/index.ts';
import { keyOf, keyOfRef } from '../../api/key.ts';
import { type Address, formatAddress } from '../../api/net/address.ts';
import { containsAddress } from '../../api/net/prefix.ts';
import { renderLookup } from '../render/attachment/lookup.ts';
import { renderNetworkPart } from '../render/attachment/network.ts';
import type { NetworkFacts, NodeFacts } from '../render/attachment/types.ts';
import type { Packet } from './packet.ts';

/** How the routes of a pod treat a packet that is said to leave by one of its interfaces. */
export type Routed =
  /** It leaves by this interface. `note`: only if the program binds its socket; what becomes of it otherwise. */
  | { readonly kind: 'Here'; readonly note?: string }
  /** It leaves by another interface. */
  | { readonly kind: 'Elsewhere'; readonly why: string };

export interface RoutedSources {
  readonly node: NodeFacts;
  /** Facts of the network of a Port; undefined if the node does not know it. */
  readonly factsOf: (port: Port) => NetworkFacts | undefined;
}

/**
 * Pure: judges by the routes that this node makes in the pod whether a packet leaves by the interface of the Port. Packets
 * that the pod only forwards, and gateways, which have routes of their own, are not judged.
 * @param mates the other interfaces that the pod has on networks
 */
export function judgeRouted(
  port: Port,
  { mates, packet, sources }: { mates: readonly Port[]; packet: Packet; sources: RoutedSources },
): Routed {
  const source = formatAddress(packet.source);
  const isGateway = port.metadata.labels?.[labels.gateway] !== undefined;
  const isJudged = !isGateway && sources.factsOf(port) && port.spec.addresses?.includes(source);
  if (!isJudged) return { kind: 'Here' };
  const { destination } = packet;
  const all = [port, ...mates].map((each) => ({
    port: each,
    rank: renderLookup(
      each,
      [port, ...mates].filter((other) => other !== each),
    ).rank,
    length: longestRoute(each, destination, sources),
  }));
  const [first] = all
    .filter(({ length }) => length >= 0)
    .sort((a, b) => b.length - a.length || a.rank - b.rank);
  const isRouted = all[0]!.length >= 0;
  const other = first && keyOf(first.port) !== keyOf(port) ? first.port : undefined;
  const by = other
    ? `by ${placeOf(other)}`
    : 'by its own routes, into the cluster and round the chains of this network';
  const to = formatAddress(destination);
  if (!isRouted)
    return {
      kind: 'Elsewhere',
      why: `the pod does not route ${to} by ${placeOf(port)}: it sends the packet ${by}`,
    };
  if (!other) return { kind: 'Here' };
  const note = `only from a socket that is bound to ${source} or ${port.spec.interface}: other packets to ${to} leave ${by}`;
  return { kind: 'Here', note };
}

/** The prefix length of the route of an interface to a destination; -1 if it has none. */
function longestRoute(port: Port, destination: Address, { node, factsOf }: RoutedSources): number {
  const network = factsOf(port);
  if (network === undefined) return -1;
  const { routes } = renderNetworkPart(port, { network, node, mtu: port.spec.mtu ?? node.innerMtu });
  const fitting = routes.filter((route) => containsAddress(route.destination, destination));
  return Math.max(-1, ...fitting.map((route) => route.destination.length));
}

function placeOf({ spec }: Port): string {
  return `${spec.interface} on network ${spec.network ? keyOfRef(spec.network) : ''}`;
}
