// SPDX-License-Identifier: Apache-2.0
import { labels, type Port } from '../../../api/index.ts';
import { bitsOf, parseAddress } from '../../../api/net/address.ts';
import {
  comparePrefixes,
  containsAddress,
  formatPrefix,
  type Prefix,
  parsePrefix,
} from '../../../api/net/prefix.ts';
import { carriesIpv6 } from './ipv6.ts';
import { NETWORKS_TABLE } from './lookup.ts';
import type { AttachedAddress, AttachedRoute, AttachedSysctl, NetworkFacts, NodeFacts } from './types.ts';

/** The part of an attachment that follows from the network: addresses, routes, switches. */
export interface NetworkPart {
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly AttachedRoute[];
  readonly sysctls: readonly AttachedSysctl[];
  readonly linkLocal: boolean;
}

/** Renders a pod's interface on a network, except its name and MAC. */
export function renderNetworkPart(
  port: Port,
  { network, node, mtu }: { readonly network: NetworkFacts; readonly node: NodeFacts; readonly mtu: number },
): NetworkPart {
  const subnets = network.subnets.map(parsePrefix);
  const mayIpv6 = carriesIpv6(node, mtu);
  const addresses = renderAddresses(port, subnets).filter(({ address }) => address.family === 4 || mayIpv6);
  const hasIpv6 = addresses.some(({ address }) => address.family === 6);
  const own = port.spec.prefixes ?? [];
  return {
    addresses,
    routes: renderRoutes({
      addresses,
      subnets,
      prefixes: network.prefixes.filter((cidr) => !own.includes(cidr)),
      allowed: allowedRoutes(port, network),
    }),
    sysctls: renderSysctls({
      name: port.spec.interface,
      ipv6: mayIpv6 ? (hasIpv6 ? 'On' : 'Off') : 'Absent',
      isRouter: own.length > 0 || isGateway(port),
      node,
    }),
    linkLocal: hasIpv6,
  };
}

/** Whether a Port is a VPN's gateway. A standby gateway has no prefixes yet, but must be ready for them. */
function isGateway({ metadata }: Port): boolean {
  return metadata.labels?.[labels.gateway] !== undefined;
}

/** The addresses, each with the prefix length of its subnet; one that is in no subnet has the full length. */
function renderAddresses(port: Port, subnets: readonly Prefix[]): AttachedAddress[] {
  return (port.spec.addresses ?? []).map((text) => {
    const address = parseAddress(text);
    const subnet = subnets.find((candidate) => containsAddress(candidate, address));
    return { address, prefixLength: subnet?.length ?? bitsOf(address.family) };
  });
}

/**
 * The ranges that a Port may route; undefined for all. A pod of another namespace has its own list, so that a change of the
 * network does not lead its packets elsewhere.
 */
function allowedRoutes({ metadata, spec }: Port, { routes }: NetworkFacts): ReadonlySet<string> | undefined {
  const isGuest = spec.network?.namespace !== metadata.namespace;
  const list = isGuest ? (spec.routes ?? routes) : routes;
  return list && new Set(list);
}

/** On-link routes to each allowed subnet and foreign prefix whose family the interface has; never a default route. */
function renderRoutes(options: {
  addresses: readonly AttachedAddress[];
  subnets: readonly Prefix[];
  prefixes: readonly string[];
  allowed: ReadonlySet<string> | undefined;
}): AttachedRoute[] {
  const wanted = new Map<string, AttachedRoute>();
  for (const prefix of [...options.subnets, ...options.prefixes.map(parsePrefix)]) {
    const text = formatPrefix(prefix);
    if (prefix.length === 0 || options.allowed?.has(text) === false) continue;
    const sources = options.addresses.filter(({ address }) => address.family === prefix.family);
    if (sources.length === 0) continue;
    const source = sources.find(({ address }) => containsAddress(prefix, address)) ?? sources[0]!;
    wanted.set(text, {
      destination: prefix,
      table: NETWORKS_TABLE,
      // IPv6 prefers addresses of the outgoing interface by itself; IPv4 would use the first address.
      ...(prefix.family === 4 ? { source: source.address } : {}),
    });
  }
  return [...wanted.values()].sort((a, b) => comparePrefixes(a.destination, b.destination));
}

function renderSysctls(options: {
  name: string;
  /** `Absent`: the kernel has no switches of IPv6 for the interface. */
  ipv6: 'On' | 'Off' | 'Absent';
  isRouter: boolean;
  node: NodeFacts;
}): AttachedSysctl[] {
  const { name, isRouter, node } = options;
  const ipv4 = `net/ipv4/conf/${name}`;
  const ipv6 = `net/ipv6/conf/${name}`;
  const sysctls: AttachedSysctl[] = [];
  // The switches of forwarding come first, since they reset others.
  if (isRouter) sysctls.push(...routerSysctls(name, node));
  // Addresses of the pod's other interfaces are neither announced nor answered for on the tenant's network.
  sysctls.push({ path: `${ipv4}/arp_ignore`, value: '1' }, { path: `${ipv4}/arp_announce`, value: '2' });
  if (options.ipv6 === 'Absent') return sysctls;
  if (options.ipv6 === 'On') {
    sysctls.push({ path: `${ipv6}/accept_dad`, value: '0' }, { path: `${ipv6}/accept_ra`, value: '0' });
  }
  sysctls.push({ path: `${ipv6}/disable_ipv6`, value: options.ipv6 === 'On' ? '0' : '1' });
  return sysctls;
}

/**
 * The switches of a Port that has prefixes and forwards for them (a VPN, a router). Its routes may be in tables of its own,
 * its replies leave by the interface of the request, and interfaces that it makes itself begin with the defaults.
 */
function routerSysctls(name: string, node: NodeFacts): readonly AttachedSysctl[] {
  const ipv4 = ['all', 'default', name].flatMap((each) => [
    { path: `net/ipv4/conf/${each}/rp_filter`, value: '0' },
    { path: `net/ipv4/conf/${each}/send_redirects`, value: '0' },
  ]);
  const ipv6 = [
    { path: 'net/ipv6/conf/all/forwarding', value: '1' },
    { path: 'net/ipv6/fwmark_reflect', value: '1' },
    { path: 'net/ipv6/conf/default/disable_ipv6', value: '0' },
    { path: 'net/ipv6/conf/default/accept_ra', value: '0' },
  ];
  return [
    { path: 'net/ipv4/ip_forward', value: '1' },
    { path: 'net/ipv4/fwmark_reflect', value: '1' },
    ...ipv4,
    ...(node.hasIpv6 ? ipv6 : []),
  ];
}
