import { MARK_CONTEXT } from '../../../api/context/generated/context.ts';
import { chainGateway, chainTable, errorSource } from '../../../api/context/instance.ts';
import { parseAddressBytes, parseMac } from './address.ts';
import type {
  AttachedAddress,
  AttachedNeighbour,
  AttachedRoute,
  AttachedRule,
  AttachedSysctl,
  NodeFacts,
} from './types.ts';

/**
 * The namespace of a function's instance (docs/architecture.md, A function's pod): whatever carries a
 * context leaves by `chain0`, whatever does not never meets it.
 */
const TABLE_LOCAL = 255;

interface Family {
  readonly name: 'ipv4' | 'ipv6';
  /** ICMP errors come from here, and nothing else. */
  readonly errorSource: string;
  /** Never asked for: its MAC is told to the kernel, and the egress program writes the true one. */
  readonly gateway: string;
  readonly everything: string;
}

const IPV4: Family = {
  name: 'ipv4',
  errorSource: errorSource[4],
  gateway: chainGateway[4],
  everything: '0.0.0.0',
};
const IPV6: Family = {
  name: 'ipv6',
  errorSource: errorSource[6],
  gateway: chainGateway[6],
  everything: '::',
};

export interface InstancePart {
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly AttachedRoute[];
  readonly neighbours: readonly AttachedNeighbour[];
  readonly rules: readonly AttachedRule[];
  readonly withoutRules: readonly AttachedRule[];
  readonly sysctls: readonly AttachedSysctl[];
}

/** Everything of `chain0` besides its name, MAC and size. */
export function renderInstancePart(interfaceName: string, node: NodeFacts): InstancePart {
  const families = node.hasIpv6 ? [IPV4, IPV6] : [IPV4];
  return {
    addresses: families.map(({ errorSource }) => {
      const address = parseAddressBytes(errorSource);
      return { address, prefixLength: address.length * 8 };
    }),
    routes: families.map(({ everything, gateway }) => ({
      destination: parseAddressBytes(everything),
      prefixLength: 0,
      table: chainTable,
      gateway: parseAddressBytes(gateway),
    })),
    neighbours: families.map(({ gateway }) => ({
      address: parseAddressBytes(gateway),
      mac: parseMac(chainGateway.mac),
    })),
    rules: families.flatMap(({ name }): AttachedRule[] => [
      // The local table moves behind the chains' rule: replies that are born here leave by chain0 too.
      { family: name, priority: 1, table: TABLE_LOCAL },
      { family: name, priority: 0, table: chainTable, mark: { value: MARK_CONTEXT, mask: MARK_CONTEXT } },
    ]),
    withoutRules: families.map(({ name }) => ({ family: name, priority: 0, table: TABLE_LOCAL })),
    sysctls: [...ipv4Sysctls(interfaceName), ...(node.hasIpv6 ? ipv6Sysctls(interfaceName) : [])],
  };
}

/** Order matters: switching forwarding on resets some of the others. */
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
