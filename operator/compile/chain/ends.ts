// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { ChainEndpoint } from '../../../api/index.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { formatPrefix, hostPrefix } from '../../../api/net/prefix.ts';

/** The fields of a load balancer that matter to a chain that names it in an endpoint. */
export interface NamedBalancer {
  readonly network: string;
  /** The addresses of the load balancer. Empty until the operator has allocated some. */
  readonly addresses: readonly string[];
  /** The first condition of it that is False. */
  readonly cause: string | undefined;
}

/** The fields of a VPN that matter to a chain that names it in an endpoint. */
export interface NamedVpn {
  readonly network: string;
  readonly isAccepted: boolean;
  /** The first condition of it that is False. */
  readonly cause: string | undefined;
  /** All ranges that its peers may send from. */
  readonly cidrs: readonly string[];
}

/** The ends of a chain after load balancers and VPNs are replaced by ranges: pods and ranges only. */
export interface ChainEnds {
  readonly from: readonly ChainEndpoint[] | undefined;
  readonly to: readonly ChainEndpoint[] | undefined;
  /** Addresses of load balancers among `to`, sorted. */
  readonly virtual: readonly string[];
  readonly problems: readonly FieldError[];
}

interface Options {
  readonly from: readonly ChainEndpoint[] | undefined;
  readonly to: readonly ChainEndpoint[] | undefined;
  readonly network: string;
  /** Finds a load balancer by name, in the namespace of the chain. */
  readonly balancer: (name: string) => NamedBalancer | undefined;
  readonly vpn: (name: string) => NamedVpn | undefined;
}

/**
 * Replaces the names in the ends of a chain by addresses. An endpoint whose object does not exist selects nothing,
 * never everything. Pure.
 */
export function resolveEnds(options: Options): ChainEnds {
  const from = options.from?.map((endpoint, index) => resolveEndpoint(endpoint, `from[${index}]`, options));
  const to = options.to?.map((endpoint, index) => resolveEndpoint(endpoint, `to[${index}]`, options));
  return {
    from: from?.flatMap(({ endpoints }) => endpoints),
    to: to?.flatMap(({ endpoints }) => endpoints),
    virtual: [...new Set((to ?? []).flatMap(({ virtual }) => virtual))].sort(),
    problems: [...(from ?? []), ...(to ?? [])].flatMap(({ problem }) => problem ?? []),
  };
}

interface Resolved {
  readonly endpoints: readonly ChainEndpoint[];
  readonly virtual: readonly string[];
  readonly problem?: FieldError;
}

function resolveEndpoint(endpoint: ChainEndpoint, at: string, options: Options): Resolved {
  if (endpoint.loadBalancer !== undefined) {
    return resolveBalancer(endpoint.loadBalancer, `${at}.loadBalancer`, options);
  }
  if (endpoint.vpn !== undefined) return resolveVpn(endpoint.vpn, `${at}.vpn`, options);
  return { endpoints: [endpoint], virtual: [] };
}

function resolveBalancer(name: string, field: string, { balancer, network }: Options): Resolved {
  const found = balancer(name);
  const problem = referenceProblem({ kind: 'LoadBalancer', name, field, network, found });
  if (problem || !found) return nothingFor(problem);
  if (found.addresses.length === 0) {
    return nothingFor({ field, message: `LoadBalancer ${name} has no address yet${explain(found)}` });
  }
  return { endpoints: found.addresses.map(wholeAddress), virtual: found.addresses };
}

function resolveVpn(name: string, field: string, { vpn, network }: Options): Resolved {
  const found = vpn(name);
  const problem = referenceProblem({ kind: 'VPN', name, field, network, found });
  if (problem || !found) return nothingFor(problem);
  if (!found.isAccepted) {
    return nothingFor({ field, message: `VPN ${name} lets nobody in${explain(found)}` });
  }
  return { endpoints: [...new Set(found.cidrs)].sort().map((cidr) => ({ cidr })), virtual: [] };
}

function explain({ cause }: { readonly cause: string | undefined }): string {
  return cause === undefined ? ': it has no status yet' : `; its condition ${cause} says why`;
}

function nothingFor(problem: FieldError | undefined): Resolved {
  return { endpoints: [], virtual: [], ...(problem ? { problem } : {}) };
}

function wholeAddress(text: string): ChainEndpoint {
  return { cidr: formatPrefix(hostPrefix(parseAddress(text))) };
}

function referenceProblem(options: {
  readonly kind: 'LoadBalancer' | 'VPN';
  readonly name: string;
  readonly field: string;
  readonly network: string;
  readonly found: { readonly network: string } | undefined;
}): FieldError | undefined {
  const { kind, name, field, network, found } = options;
  if (!found) {
    const message = `there is no ${kind} ${name} in this namespace; create it or correct the name`;
    return { field, message };
  }
  if (found.network === network) return undefined;
  const message = `${kind} ${name} is on network ${found.network}, the chain on ${network}; name one of this network`;
  return { field, message };
}
