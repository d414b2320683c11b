// SPDX-License-Identifier: Apache-2.0
import { MARK_CONTEXT } from '../../../api/context/generated/context.ts';
import { chainGateway, chainTable, errorSource } from '../../../api/context/instance.ts';
import { type Address, bitsOf, FAMILIES, type Family, parseAddress } from '../../../api/net/address.ts';
import { parseMac } from '../../../api/net/mac.ts';
import { type Prefix, parsePrefix } from '../../../api/net/prefix.ts';
import { carriesIpv6 } from './ipv6.ts';
import type {
  AttachedAddress,
  AttachedNeighbour,
  AttachedRoute,
  AttachedRule,
  AttachedSysctl,
  NodeFacts,
} from './types.ts';

/**
 * The settings of the namespace of a function's instance (docs/architecture.md, A function's pod): packets with a
 * context leave by `chain0`, all other packets never do.
 */
const TABLE_LOCAL = 255;
const GATEWAY_MAC = parseMac(chainGateway.mac);

interface Ends {
  /** The address of `chain0`: the source of the function's ICMP errors, and of no other packet. */
  readonly errorSource: Address;
  /** The next hop of all packets: a neighbour with a fixed MAC, which the egress program replaces by the context. */
  readonly gateway: Address;
  readonly everything: Prefix;
}

const ENDS: Readonly<Record<Family, Ends>> = {
  4: {
    errorSource: parseAddress(errorSource[4]),
    gateway: parseAddress(chainGateway[4]),
    everything: parsePrefix('0.0.0.0/0'),
  },
  6: {
    errorSource: parseAddress(errorSource[6]),
    gateway: parseAddress(chainGateway[6]),
    everything: parsePrefix('::/0'),
  },
};

export interface InstancePart {
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly AttachedRoute[];
  readonly neighbours: readonly AttachedNeighbour[];
  readonly rules: readonly AttachedRule[];
  readonly withoutRules: readonly AttachedRule[];
  readonly sysctls: readonly AttachedSysctl[];
}

/** Renders `chain0`, except its name, MAC and MTU. */
export function renderInstancePart(
  interfaceName: string,
  { node, mtu }: { readonly node: NodeFacts; readonly mtu: number },
): InstancePart {
  const hasIpv6 = carriesIpv6(node, mtu);
  const families = FAMILIES.filter((family) => family === 4 || hasIpv6);
  const ends = families.map((family) => ENDS[family]);
  return {
    addresses: ends.map((end) => ({
      address: end.errorSource,
      prefixLength: bitsOf(end.errorSource.family),
    })),
    routes: ends.map(({ everything, gateway }) => ({ destination: everything, table: chainTable, gateway })),
    neighbours: ends.map(({ gateway }) => ({ address: gateway, mac: GATEWAY_MAC })),
    rules: families.flatMap((family): AttachedRule[] => [
      // The local table comes after the chains' rule, so that replies that are made here leave by chain0 too.
      { family, priority: 1, table: TABLE_LOCAL },
      { family, priority: 0, table: chainTable, mark: { value: MARK_CONTEXT, mask: MARK_CONTEXT } },
    ]),
    withoutRules: families.map((family) => ({ family, priority: 0, table: TABLE_LOCAL })),
    sysctls: [...ipv4Sysctls(interfaceName), ...(hasIpv6 ? ipv6Sysctls(interfaceName) : [])],
  };
}

/** The switches, in order: enabling forwarding resets some of the others. */
function ipv4Sysctls(name: string): AttachedSysctl[] {
  return [
    { path: 'net/ipv4/ip_forward', value: '1' },
    // The kernel takes the larger of `all` and the interface's own, so both must say no.
    { path: 'net/ipv4/conf/all/rp_filter', value: '0' },
    { path: `net/ipv4/conf/${name}/rp_filter`, value: '0' },
    { path: `net/ipv4/conf/${name}/accept_local`, value: '1' },
    { path: 'net/ipv4/conf/all/send_redirects', value: '0' },
    { path: `net/ipv4/conf/${name}/send_redirects`, value: '0' },
    { path: `net/ipv4/conf/${name}/arp_ignore`, value: '1' },
    { path: `net/ipv4/conf/${name}/arp_announce`, value: '2' },
    { path: 'net/ipv4/fwmark_reflect', value: '1' },
    { path: 'net/ipv4/icmp_errors_use_inbound_ifaddr', value: '1' },
  ];
}

function ipv6Sysctls(name: string): AttachedSysctl[] {
  return [
    { path: 'net/ipv6/conf/all/forwarding', value: '1' },
    { path: `net/ipv6/conf/${name}/accept_ra`, value: '0' },
    { path: `net/ipv6/conf/${name}/accept_dad`, value: '0' },
    { path: `net/ipv6/conf/${name}/disable_ipv6`, value: '0' },
    { path: 'net/ipv6/fwmark_reflect', value: '1' },
  ];
}
