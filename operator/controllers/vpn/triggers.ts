// SPDX-License-Identifier: Apache-2.0
import { labels, type Port, type VirtualNetwork } from '../../../api/index.ts';
import { joinKey, type Key, keyOf } from '../../../api/key.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Node } from '../../../kube/slim.ts';
import type { Secret, Stores } from '../../observe/stores.ts';
import { type KeysOf, ofOwned, orderOf } from '../workload/triggers.ts';

/** VpnTriggers find the VPNs that need a reconcile pass when another object changes. */
export interface VpnTriggers {
  /** All VPNs on the network of a VPN that was added, deleted or changed: they cannot have its ranges. */
  readonly ofVpn: KeysOf<Vpn>;
  /** The VPN of a peer, and the other VPNs on its network. Changed counters in a status concern none of them. */
  readonly ofPeer: KeysOf<VpnPeer>;
  /** The VPN for whose gateways or peer a Secret was made. */
  readonly ofSecret: KeysOf<Secret>;
  readonly ofNetwork: KeysOf<VirtualNetwork>;
  /** VPNs on the network of a Port that owns prefixes or belongs to a gateway. */
  readonly ofPort: KeysOf<Port>;
  /** VPNs whose files have the address of a node. */
  readonly ofNode: KeysOf<Node>;
}

export function createVpnTriggers(stores: Stores): VpnTriggers {
  const onNetwork = (namespace: string, name: string): readonly Key[] =>
    stores.vpns.keysByIndex('network', networkValue({ namespace, name }));
  const ofOwnSecret = ofOwned('VPN');
  const around = (vpn: Vpn | undefined): readonly Key[] =>
    vpn ? [keyOf(vpn), ...onNetwork(vpn.metadata.namespace, vpn.spec.network)] : [];

  return {
    ofVpn: (old, now) => (sameJson(orderOf(old), orderOf(now)) ? [] : [...around(old), ...around(now)]),
    ofPeer: (old, now) => {
      if (sameJson(peerMeaning(old), peerMeaning(now))) return [];
      return [old, now].flatMap((peer) => {
        if (!peer) return [];
        const key = `${peer.metadata.namespace}/${peer.spec.vpn}`;
        return [key, ...around(stores.vpns.get(key))];
      });
    },
    ofSecret: (old, now) => {
      const { namespace, ownerReferences = [] } = (now ?? old)?.metadata ?? {};
      const peers = ownerReferences.flatMap(({ kind, name }) =>
        kind === 'VPNPeer' ? (stores.vpnPeers.get(joinKey(namespace, name)) ?? []) : [],
      );
      return [...ofOwnSecret(old, now), ...peers.map(({ spec }) => `${namespace}/${spec.vpn}`)];
    },
    ofNetwork: (old, now) => {
      if (sameJson(networkMeaning(old), networkMeaning(now))) return [];
      const { namespace, name } = (now ?? old)!.metadata;
      return onNetwork(namespace, name);
    },
    ofPort: (old, now) => {
      if (sameJson(portMeaning(old), portMeaning(now))) return [];
      const { network } = (now ?? old)!.spec;
      return network ? onNetwork(network.namespace, network.name) : [];
    },
    ofNode: (old, now) => {
      if (sameJson(nodeMeaning(old), nodeMeaning(now))) return [];
      return [...stores.vpns.values()].filter(({ spec }) => spec.expose).map(keyOf);
    },
  };
}

function peerMeaning(peer: VpnPeer | undefined): unknown {
  return peer && [orderOf(peer), peer.status?.addresses ?? []];
}

function networkMeaning(network: VirtualNetwork | undefined): unknown {
  return network && [network.metadata.uid, network.metadata.generation, network.status?.vni];
}

function portMeaning(port: Port | undefined): unknown {
  const isGateway = port?.metadata.labels?.[labels.gateway] !== undefined;
  if (!port || !(isGateway || port.spec.prefixes)) return undefined;
  return [port.metadata.uid, port.metadata.deletionTimestamp, port.spec.prefixes ?? []];
}

function nodeMeaning(node: Node | undefined): unknown {
  return node && [node.metadata.uid, node.status];
}
