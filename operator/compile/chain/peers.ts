import type { FieldError } from '../../api/field-error.ts';
import { type ChainPeer, parseAddress } from '../../api/index.ts';

/** The load balancer that a peer names, as far as it matters to a chain. */
export interface NamedBalancer {
  readonly network: string;
  /** Those that it has; none until the operator has given it some. */
  readonly addresses: readonly string[];
}

/** What a chain's ends are resolved from: pods and ranges only. */
export interface ChainPeers {
  readonly from: readonly ChainPeer[] | undefined;
  readonly to: readonly ChainPeer[] | undefined;
  /** Addresses of load balancers among `to`, sorted. */
  readonly virtual: readonly string[];
  readonly problems: readonly FieldError[];
}

/**
 * Puts addresses in the place of what peers name. A peer that names what is not there is nobody, never everybody. Pure.
 */
export function resolvePeers(options: {
  readonly from: readonly ChainPeer[] | undefined;
  readonly to: readonly ChainPeer[] | undefined;
  readonly network: string;
  /** By name, in the namespace of the chain. */
  readonly balancer: (name: string) => NamedBalancer | undefined;
}): ChainPeers {
  const { from, to, network, balancer } = options;
  const named = (to ?? []).flatMap(({ loadBalancer }, index) =>
    loadBalancer === undefined ? [] : [{ name: loadBalancer, field: `to[${index}].loadBalancer` }],
  );
  const addressesOf = (name: string): readonly string[] => {
    const found = balancer(name);
    return found?.network === network ? found.addresses : [];
  };
  return {
    from,
    to: to?.flatMap((peer) =>
      peer.loadBalancer === undefined ? [peer] : addressesOf(peer.loadBalancer).map(wholeAddress),
    ),
    virtual: [...new Set(named.flatMap(({ name }) => addressesOf(name)))].sort(),
    problems: named.flatMap(({ name, field }) => problemOf({ name, field, network, found: balancer(name) })),
  };
}

function wholeAddress(text: string): ChainPeer {
  return { cidr: `${text}/${parseAddress(text).family === 4 ? 32 : 128}` };
}

function problemOf(options: {
  readonly name: string;
  readonly field: string;
  readonly network: string;
  readonly found: NamedBalancer | undefined;
}): readonly FieldError[] {
  const { name, field, network, found } = options;
  if (!found) {
    return [
      { field, message: `there is no LoadBalancer ${name} in this namespace; create it or correct the name` },
    ];
  }
  if (found.network !== network) {
    const message = `LoadBalancer ${name} is on network ${found.network}, the chain on ${network}; name one of this network`;
    return [{ field, message }];
  }
  if (found.addresses.length === 0) {
    return [{ field, message: `LoadBalancer ${name} has no address yet; its condition Accepted says why` }];
  }
  return [];
}
