// SPDX-License-Identifier: Apache-2.0
import { labels, type Port, type VirtualNetwork } from '../../../api/index.ts';
import { joinKey, keyOf } from '../../../api/key.ts';
import { gatewaySecretNamesOf, peerSecretNameOf } from '../../../api/vpn-names.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Pod } from '../../../kube/slim.ts';
import { byPrecedence } from '../../compile/vpn/decide.ts';
import { endpointOfService } from '../../compile/vpn/service.ts';
import { reportOf, storedConfigOf, storedFileOf, storedKeysOf } from '../../compile/vpn/stored.ts';
import type { PrefixClaim, VpnBlueprint } from '../../compile/vpn/types.ts';
import type { Secret, Stores } from '../../observe/stores.ts';
import type { NetworkFacts } from '../../status/vpn/facts.ts';
import { isOwned } from '../owned.ts';
import { unclassifiedSites } from './classified.ts';
import { observeService } from './endpoint.ts';
import { randomKeys } from './key-source.ts';
import type { VpnMemory } from './memory.ts';

/** Reads everything that a VPN is decided from. */
export function observeBlueprint(stores: Stores, vpn: Vpn, memory: VpnMemory, now: Date): VpnBlueprint {
  const [keyName, configName] = gatewaySecretNamesOf(vpn.metadata.name);
  const told = storedConfigOf(observeSecret(stores, vpn, configName));
  return {
    vpn,
    subnets: observeNetwork(stores, vpn)?.spec.subnets.map(({ cidr }) => cidr),
    claims: observeClaims(stores, vpn),
    peers: observePeers(stores, vpn).map((peer) => {
      const secret = peerSecretNameOf(peer.metadata.name);
      const seen = observeSecret(stores, peer, secret);
      return {
        peer,
        stored: storedKeysOf(seen),
        storedFile: storedFileOf(seen),
        secretTaken: memory.taken.has(secret),
        unclassified: unclassifiedSites(stores, { vpn, peer, told }),
        report: reportOf(peer.metadata.name, memory.endpoints),
      };
    }),
    stored: storedKeysOf(observeSecret(stores, vpn, keyName)),
    secretTaken: [keyName, configName].find((each) => memory.taken.has(each)),
    serviceEndpoint: endpointOfService(vpn, observeService(stores, vpn, memory.active)),
    active: memory.active,
    keys: randomKeys,
    now,
  };
}

/** The peers of a VPN that are not being deleted. */
export function observePeers(stores: Pick<Stores, 'vpnPeers'>, vpn: Vpn): readonly VpnPeer[] {
  return stores.vpnPeers.byIndex('vpn', keyOf(vpn)).filter(({ metadata }) => !metadata.deletionTimestamp);
}

/**
 * The Secret of an object. A Secret of an earlier object of the same name does not count; the garbage collector will
 * delete it.
 */
export function observeSecret(
  stores: Pick<Stores, 'secrets'>,
  owner: Vpn | VpnPeer,
  name: string,
): Secret | undefined {
  const secret = stores.secrets.get(joinKey(owner.metadata.namespace, name));
  return isOwned(secret, owner) ? secret : undefined;
}

export function observeNetwork(
  stores: Pick<Stores, 'virtualNetworks'>,
  { metadata, spec }: Vpn,
): VirtualNetwork | undefined {
  return stores.virtualNetworks.get(networkValue({ namespace: metadata.namespace, name: spec.network }));
}

export function observeNetworkFacts(stores: Pick<Stores, 'virtualNetworks'>, vpn: Vpn): NetworkFacts {
  const network = observeNetwork(stores, vpn);
  if (!network) return 'NotFound';
  return network.status?.vni === undefined ? 'NotAccepted' : 'Found';
}

/** Ranges that other objects on the network have: older VPNs, and Ports that own prefixes for another purpose. */
function observeClaims(stores: Stores, vpn: Vpn): readonly PrefixClaim[] {
  const network = networkValue({ namespace: vpn.metadata.namespace, name: vpn.spec.network });
  const older = stores.vpns
    .byIndex('network', network)
    .filter((other) => other.metadata.uid !== vpn.metadata.uid && byPrecedence(other, vpn) < 0)
    .sort(byPrecedence);
  const ports = stores.ports.byIndex('network', network).filter((port) => !isOfVpn(stores, port));
  return [
    ...older.map((each) => ({ holder: `VPN ${each.metadata.name}`, cidrs: each.spec.pool })),
    ...older.flatMap((each) =>
      observePeers(stores, each).map((peer) => ({
        holder: `peer ${peer.metadata.name} of VPN ${each.metadata.name}`,
        cidrs: peer.spec.allowedIPs ?? [],
      })),
    ),
    ...ports.map(({ metadata, spec }) => ({ holder: `Port ${metadata.name}`, cidrs: spec.prefixes ?? [] })),
  ].filter(({ cidrs }) => cidrs.length > 0);
}

function isOfVpn(stores: Pick<Stores, 'pods'>, { metadata, spec }: Port): boolean {
  const pod = stores.pods.get(joinKey(metadata.namespace, spec.pod.name));
  return (
    pod?.metadata.labels[labels.function]?.startsWith('vpn.') ??
    metadata.labels?.[labels.gateway] !== undefined
  );
}

/** The Ports of a gateway's pod on the VPN's network. */
export function observeGatewayPorts(stores: Pick<Stores, 'ports'>, vpn: Vpn, pod: Pod): readonly Port[] {
  return stores.ports
    .byIndex('pod', pod.metadata.uid)
    .filter(({ spec }) => spec.network?.name === vpn.spec.network);
}
