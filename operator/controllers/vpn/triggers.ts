import { functionLabelOf } from '../../../api/function-names.ts';
import { labels, type Port, type VirtualNetwork } from '../../../api/index.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { networkValue } from '../../../kube/index-values.ts';
import { type Key, type KubeObject, keyOf } from '../../../kube/object.ts';
import type { Node, Pod } from '../../../kube/slim.ts';
import type { Stores } from '../../observe/stores.ts';

type KeysOf<T> = (old: T | undefined, now: T | undefined) => readonly Key[];

/** Which VPNs need a pass when another object changes. */
export interface VpnTriggers {
  /** All on the network of one that came, went or changed: what it has they cannot have. */
  readonly ofVpn: KeysOf<Vpn>;
  /** The VPN of a peer, and the others on its network. Counts of a status are nothing to them. */
  readonly ofPeer: KeysOf<VpnPeer>;
  /** The one that an object was made for, be it for a peer of it. */
  owner(object: KubeObject | undefined): readonly Key[];
  readonly ofNetwork: KeysOf<VirtualNetwork>;
  /** Those on the network of a Port that owns ranges or is a gateway's. */
  readonly ofPort: KeysOf<Port>;
  /** The one whose gateway a pod is. */
  readonly ofPod: KeysOf<Pod>;
  /** Those whose files have the address of a node. */
  readonly ofNode: KeysOf<Node>;
}

export function createVpnTriggers(stores: Stores): VpnTriggers {
  const onNetwork = (namespace: string, name: string): readonly Key[] =>
    stores.vpns.keysByIndex('network', networkValue({ namespace, name }));
  const around = (vpn: Vpn | undefined): readonly Key[] =>
    vpn ? [keyOf(vpn), ...onNetwork(vpn.metadata.namespace, vpn.spec.network)] : [];

  return {
    ofVpn: (old, now) => (sameJson(vpnMeaning(old), vpnMeaning(now)) ? [] : [...around(old), ...around(now)]),
    ofPeer: (old, now) => {
      if (sameJson(peerMeaning(old), peerMeaning(now))) return [];
      return [old, now].flatMap((peer) => {
        if (!peer) return [];
        const key = `${peer.metadata.namespace}/${peer.spec.vpn}`;
        return [key, ...around(stores.vpns.get(key))];
      });
    },
    owner: (object) => {
      const namespace = object?.metadata?.namespace;
      return (object?.metadata?.ownerReferences ?? []).flatMap(({ kind, name }) => {
        if (kind === 'VPN') return [`${namespace}/${name}`];
        const peer = kind === 'VPNPeer' ? stores.vpnPeers.get(`${namespace}/${name}`) : undefined;
        return peer ? [`${namespace}/${peer.spec.vpn}`] : [];
      });
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
    ofPod: (old, now) => {
      if (sameJson(podMeaning(old), podMeaning(now))) return [];
      return [old, now].flatMap((pod) => (pod ? gatewayOf(pod) : []));
    },
    ofNode: (old, now) => {
      if (sameJson(nodeMeaning(old), nodeMeaning(now))) return [];
      return [...stores.vpns.values()].filter(({ spec }) => spec.expose).map(keyOf);
    },
  };

  /** A label is the name itself unless that was too long for one. */
  function gatewayOf({ metadata }: Pod): readonly Key[] {
    const value = metadata.labels[labels.function];
    if (!value?.startsWith('vpn.')) return [];
    const key = `${metadata.namespace}/${value.slice('vpn.'.length)}`;
    if (stores.vpns.has(key)) return [key];
    return [...stores.vpns.values()]
      .filter(
        (vpn) =>
          vpn.metadata.namespace === metadata.namespace &&
          functionLabelOf('VPN', vpn.metadata.name) === value,
      )
      .map(keyOf);
  }
}

function vpnMeaning(vpn: Vpn | undefined): unknown {
  return vpn && [vpn.metadata.uid, vpn.metadata.generation, vpn.metadata.deletionTimestamp];
}

function peerMeaning(peer: VpnPeer | undefined): unknown {
  if (!peer) return undefined;
  const { uid, generation, deletionTimestamp } = peer.metadata;
  return [uid, generation, deletionTimestamp, peer.status?.addresses ?? []];
}

function networkMeaning(network: VirtualNetwork | undefined): unknown {
  return network && [network.metadata.uid, network.metadata.generation, network.status?.vni];
}

function portMeaning(port: Port | undefined): unknown {
  const isGateway = port?.metadata.labels?.[labels.gateway] !== undefined;
  if (!port || !(isGateway || port.spec.prefixes)) return undefined;
  return [port.metadata.uid, port.metadata.deletionTimestamp, port.spec.prefixes ?? []];
}

function podMeaning(pod: Pod | undefined): unknown {
  if (!pod) return undefined;
  const { uid, labels: own, deletionTimestamp } = pod.metadata;
  return [uid, own[labels.function], deletionTimestamp, pod.spec, pod.status];
}

function nodeMeaning(node: Node | undefined): unknown {
  return node && [node.metadata.uid, node.status];
}
