// SPDX-License-Identifier: Apache-2.0
import { formatHost } from '../../../api/net/endpoint.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import type { Node, Pod } from '../../../kube/slim.ts';
import type { ServiceFacts } from '../../compile/vpn/service.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Service, Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';
import { ingressOf, storedServiceOf } from '../workload/service.ts';

/** Whether a node exists and is Ready. */
export function isNodeWell(stores: Pick<Stores, 'nodes'>, name: string | undefined): boolean {
  return name !== undefined && (stores.nodes.get(name)?.status.ready ?? false);
}

/** The Service in front of the gateways; undefined while there is none, or when another object owns it. */
export function observeOwnService(stores: Pick<Stores, 'services'>, vpn: Vpn): Service | undefined {
  const service = storedServiceOf(stores, ownerOf(vpn));
  return isOwned(service, vpn) ? service : undefined;
}

/** The facts about the Service in front of the gateways; undefined while there is none. */
export function observeService(
  stores: Pick<Stores, 'services' | 'nodes' | 'pods'>,
  vpn: Vpn,
  active: string | undefined,
): ServiceFacts | undefined {
  const service = observeOwnService(stores, vpn);
  return (
    service && {
      ingress: ingressOf(service),
      nodePort: service.spec?.ports?.[0]?.nodePort,
      nodeAddresses: observeNodeAddresses(
        stores,
        vpn,
        stores.pods.get(`${vpn.metadata.namespace}/${active}`),
      ),
    }
  );
}

/**
 * Addresses of nodes where clients reach a node port, the preferred one first. With `externalTrafficPolicy: Local`
 * this is the node of the active gateway, because only that node accepts packets. Otherwise every node does, and the
 * address in the peers' files stays first while its node exists, because another one would change all files.
 */
function observeNodeAddresses(
  stores: Pick<Stores, 'nodes'>,
  { spec, status }: Vpn,
  active: Pod | undefined,
): readonly string[] {
  const rank = ({ metadata }: Node): string => {
    const isActive =
      spec.expose?.externalTrafficPolicy === 'Local' && metadata.name === active?.spec.nodeName;
    return `${isActive ? 0 : 1} ${isNodeWell(stores, metadata.name) ? 0 : 1} ${metadata.name}`;
  };
  const nodes = [...stores.nodes.values()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const addresses = nodes.flatMap(({ status: { internalIPs, externalIPs = [] } }) => [
    ...externalIPs,
    ...internalIPs,
  ]);
  if (spec.expose?.externalTrafficPolicy === 'Local') return addresses;
  const isInFiles = (address: string): boolean =>
    status?.endpoint?.startsWith(`${formatHost(address)}:`) ?? false;
  return [...addresses.filter(isInFiles), ...addresses];
}
