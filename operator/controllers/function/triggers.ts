import { labels, type Port, type ServiceChain, type VirtualNetwork } from '../../api/index.ts';
import { functionKinds } from '../../compile/function/kinds.ts';
import { functionLabelOf } from '../../compile/function/names.ts';
import { networkValue } from '../../observe/keys.ts';
import type { Stores } from '../../observe/stores.ts';
import { type Key, type KubeObject, keyOf } from '../../runtime/object.ts';
import type { MetadataOnly, Namespace, Pod } from '../../runtime/slim.ts';
import { isAccepted } from '../chain/members.ts';

// Which firewalls need a pass when another object changes.

/** The firewall that owns an object. */
export function firewallOwning(object: KubeObject | undefined): readonly Key[] {
  const owner = object?.metadata?.ownerReferences?.find(({ kind }) => kind === 'Firewall');
  return owner ? [`${object?.metadata?.namespace}/${owner.name}`] : [];
}

/** The firewall whose instance a pod is, when it came, went or changed its readiness or address. */
export function firewallsOfPod(stores: Stores, old: Pod | undefined, now: Pod | undefined): readonly Key[] {
  if (instanceMeaning(old) === instanceMeaning(now)) return [];
  return [old, now].flatMap((pod) => {
    const value = pod?.metadata.labels[labels.function];
    return pod && value?.startsWith('firewall.') ? firewallsLabelled(stores, pod, value) : [];
  });
}

function instanceMeaning(pod: Pod | undefined): string {
  if (!pod) return '';
  const { uid, labels: own, deletionTimestamp } = pod.metadata;
  const { ready, phase, podIPs } = pod.status;
  return JSON.stringify([uid, own[labels.function], Boolean(deletionTimestamp), ready, phase, podIPs]);
}

/** A label is the name itself unless that was too long for one. */
function firewallsLabelled(stores: Stores, pod: Pod, value: string): readonly Key[] {
  const { namespace } = pod.metadata;
  const key = `${namespace}/${value.slice('firewall.'.length)}`;
  if (stores.firewalls.has(key)) return [key];
  return [...stores.firewalls.values()]
    .filter(
      ({ metadata }) =>
        metadata.namespace === namespace && functionLabelOf('Firewall', metadata.name) === value,
    )
    .map(keyOf);
}

/** The firewalls that name a ConfigMap: their instances read it anew, and say when they have. */
export function firewallsOfConfigMap(
  stores: Stores,
  old: MetadataOnly | undefined,
  now: MetadataOnly | undefined,
): readonly Key[] {
  return stores.firewalls.keysByIndex('configMap', keyOf((now ?? old)!));
}

/** The firewalls of a chain, when its path id or its list of functions changed. */
export function firewallsOfChain(
  stores: Stores,
  old: ServiceChain | undefined,
  now: ServiceChain | undefined,
): readonly Key[] {
  const same =
    old?.status?.pathId === now?.status?.pathId &&
    JSON.stringify(old?.spec.functions) === JSON.stringify(now?.spec.functions);
  return same ? [] : [old, now].flatMap((chain) => (chain ? selectingFirewalls(stores, chain) : []));
}

/** The firewalls on a network's chains, when the network came, went or got its id. */
export function firewallsOfNetwork(
  stores: Stores,
  old: VirtualNetwork | undefined,
  now: VirtualNetwork | undefined,
): readonly Key[] {
  if (old?.status?.vni === now?.status?.vni) return [];
  return firewallsOn(stores, networkValue((now ?? old)!.metadata));
}

/** The firewalls with selectors on the chains of a Port's network, when the Port came, went or was accepted. */
export function firewallsOfPort(
  stores: Stores,
  old: Port | undefined,
  now: Port | undefined,
): readonly Key[] {
  if (memberMeaning(old) === memberMeaning(now)) return [];
  const network = (now ?? old)!.spec.network;
  return network ? firewallsOn(stores, networkValue(network)) : [];
}

function memberMeaning(port: Port | undefined): string {
  if (!port) return '';
  const { addresses, prefixes } = port.spec;
  return JSON.stringify([isAccepted(port), Boolean(port.metadata.deletionTimestamp), addresses, prefixes]);
}

/** The firewalls with selectors that a pod's labels may matter to, when they changed. */
export function firewallsOfLabels(
  stores: Stores,
  old: Pod | undefined,
  now: Pod | undefined,
): readonly Key[] {
  if (JSON.stringify(old?.metadata.labels) === JSON.stringify(now?.metadata.labels)) return [];
  return stores.ports
    .byIndex('pod', (now ?? old)!.metadata.uid)
    .flatMap((port) => (port.spec.network ? firewallsOn(stores, networkValue(port.spec.network)) : []));
}

/** The firewalls whose rules look at namespaces' labels, when those of one changed. */
export function firewallsOfNamespace(
  stores: Stores,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  if (!old || !now || JSON.stringify(old.metadata.labels) === JSON.stringify(now.metadata.labels)) return [];
  return [...stores.firewalls.values()]
    .filter(({ spec }) =>
      functionKinds.Firewall.needs(spec).selectors.some((selector) => selector.namespaceSelector),
    )
    .map(keyOf);
}

function firewallsOn(stores: Stores, network: string): readonly Key[] {
  const chains = stores.serviceChains.byIndex('network', network);
  return [...new Set(chains.flatMap((chain) => selectingFirewalls(stores, chain)))];
}

/** Those firewalls of a chain whose rules select pods: the others have no peers to be resolved. */
function selectingFirewalls(stores: Stores, chain: ServiceChain): Key[] {
  return chain.spec.functions
    .filter(({ kind }) => kind === 'Firewall')
    .map(({ name }) => `${chain.metadata.namespace}/${name}`)
    .filter((key) => {
      const firewall = stores.firewalls.get(key);
      return firewall !== undefined && functionKinds.Firewall.needs(firewall.spec).selectors.length > 0;
    });
}
