import type { ServiceChain } from '../../api/index.ts';
import { type ChainPeers, resolvePeers } from '../../compile/chain/peers.ts';
import type { Stores } from '../../observe/stores.ts';

/** What the peers of a chain name, as it is now. */
export function observePeers(
  stores: Pick<Stores, 'loadBalancers'>,
  { metadata, spec }: ServiceChain,
): ChainPeers {
  return resolvePeers({
    from: spec.from,
    to: spec.to,
    network: spec.network,
    balancer: (name) => {
      const found = stores.loadBalancers.get(`${metadata.namespace}/${name}`);
      if (!found || found.metadata.deletionTimestamp) return undefined;
      // Not what its spec asks for: that may be a pod's, whose packets are none of its.
      return { network: found.spec.network, addresses: found.status?.addresses ?? [] };
    },
  });
}
