import type { Port } from '../../api/index.ts';
import type { Member } from '../../compile/chain/classifier.ts';
import type { Stores } from '../../observe/stores.ts';

/** The pods on a network: its Ports, with what selectors look at. `network` is a networkValue. */
export function observeMembers(
  stores: Pick<Stores, 'ports' | 'pods' | 'namespaces'>,
  network: string,
): Member[] {
  return stores.ports.byIndex('network', network).flatMap((port) => observeMember(stores, port) ?? []);
}

/**
 * The pod of a Port as a member of its network; undefined when its pod is gone. An open claim counts: slices must name
 * its addresses before it is accepted (`port/classified.ts`), and one that loses is deleted at once.
 */
export function observeMember(stores: Pick<Stores, 'pods' | 'namespaces'>, port: Port): Member | undefined {
  const { namespace, name } = port.metadata;
  if (port.metadata.deletionTimestamp) return undefined;
  const pod = stores.pods.get(`${namespace}/${port.spec.pod.name}`);
  if (pod?.metadata.uid !== port.spec.pod.uid) return undefined;
  return {
    port: `${namespace}/${name}`,
    node: port.spec.node,
    addresses: port.spec.addresses ?? [],
    prefixes: port.spec.prefixes ?? [],
    namespace,
    podLabels: pod.metadata.labels,
    namespaceLabels: stores.namespaces.get(namespace)?.metadata.labels ?? {},
  };
}

/** Whether the Port's claim of its addresses or instance id holds. */
export function isAccepted(port: Port): boolean {
  return hasTrue(port, 'Accepted');
}

/** Whether the node has the interface of the Port in its kernel. */
export function isReady(port: Port): boolean {
  return hasTrue(port, 'Ready');
}

function hasTrue(port: Port, type: string): boolean {
  return port.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
}
