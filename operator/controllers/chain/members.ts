// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import type { Member } from '../../compile/chain/classifier.ts';
import type { Stores } from '../../observe/stores.ts';

/**
 * The pods on a network: its Ports, with the labels that selectors match. `network` is a networkValue. While nothing
 * changed the result is the same array, so that results computed from it can be cached.
 */
export function observeMembers(
  stores: Pick<Stores, 'ports' | 'pods' | 'namespaces'>,
  network: string,
): readonly Member[] {
  const lists = observed.get(stores.ports) ?? new Map<string, readonly Member[]>();
  observed.set(stores.ports, lists);
  const ports = stores.ports.byIndex('network', network);
  const members = ports.flatMap((port) => observeMember(stores, port) ?? []);
  const before = lists.get(network);
  if (before?.length === members.length && before.every((member, index) => member === members[index])) {
    return before;
  }
  if (ports.length === 0) lists.delete(network);
  else lists.set(network, members);
  return members;
}

const observed = new WeakMap<Stores['ports'], Map<string, readonly Member[]>>();

/**
 * The pod of a Port as a member of its network; undefined when its pod is gone. A claim that is not judged yet
 * counts: slices must name its addresses before it is accepted (`port/classified.ts`), and a losing claim is deleted
 * at once.
 */
export function observeMember(stores: Pick<Stores, 'pods' | 'namespaces'>, port: Port): Member | undefined {
  const { namespace, name } = port.metadata;
  if (port.metadata.deletionTimestamp) return undefined;
  const pod = stores.pods.get(joinKey(namespace, port.spec.pod.name));
  if (pod?.metadata.uid !== port.spec.pod.uid) return undefined;
  const namespaceLabels = stores.namespaces.get(namespace)?.metadata.labels ?? NO_LABELS;
  const podLabels = pod.metadata.labels;
  const before = known.get(port);
  if (before?.podLabels === podLabels && before.namespaceLabels === namespaceLabels) return before;
  const member: Member = {
    port: joinKey(namespace, name),
    node: port.spec.node,
    addresses: port.spec.addresses ?? [],
    prefixes: port.spec.prefixes ?? [],
    namespace,
    podLabels,
    namespaceLabels,
  };
  known.set(port, member);
  return member;
}

const known = new WeakMap<Port, Member>();
const NO_LABELS: Member['namespaceLabels'] = {};

/** Whether the Port is Accepted: its claim of addresses or instance id is valid. */
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
