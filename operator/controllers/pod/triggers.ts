// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../../api/conditions.ts';
import { functionLabelOf } from '../../../api/function-names.ts';
import type { NodeReport, Port, VirtualNetwork } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Namespace, Node } from '../../../kube/slim.ts';
import type { FunctionObject } from '../../compile/function/kinds.ts';
import type { Waiting } from '../../compile/network/waiting.ts';
import type { Pod, Stores } from '../../observe/stores.ts';
import { concernsNetworks, podKeyOf } from './snapshot.ts';

// Which pods need a pass when another object changes.

/** How many waiting pods one freed Port wakes: the first may want an address that is still taken. */
const WOKEN = 4;

/** The pod itself, if it has to do with networks or had. */
export function podsOfPod(old: Pod | undefined, now: Pod | undefined): readonly Key[] {
  return concernsNetworks(old) || concernsNetworks(now) ? [keyOf((now ?? old)!)] : [];
}

/** The pod of a Port; and when the Port is gone, who waits longest for what it held. */
export function podsOfPort(waiting: Waiting, old: Port | undefined, now: Port | undefined): readonly Key[] {
  const port = (now ?? old)!;
  const freed = now === undefined && port.spec.network !== undefined;
  const woken = freed ? waiting.for(networkValue(port.spec.network!), WOKEN) : [];
  return [podKeyOf(port), ...woken];
}

/** Who waits for a network that changed; and when its MTU changed, all that are on it. */
export function podsOfNetwork(options: {
  readonly stores: Pick<Stores, 'ports'>;
  readonly waiting: Waiting;
  readonly old: VirtualNetwork | undefined;
  readonly now: VirtualNetwork | undefined;
}): readonly Key[] {
  const { stores, waiting, old, now } = options;
  if (sameJson(meaningOf(old), meaningOf(now))) return [];
  const key = networkValue((now ?? old)!.metadata);
  const resized = now !== undefined && old?.status?.mtu !== now.status?.mtu;
  const attached = resized ? stores.ports.byIndex('network', key).map(podKeyOf) : [];
  return [...waiting.for(key), ...attached];
}

// How full a network is changes all the time, and is no news to who waits: freed Ports wake those.
function meaningOf(network: VirtualNetwork | undefined): unknown {
  if (network === undefined) return undefined;
  const { metadata, status } = network;
  const accepted = findCondition(status?.conditions, 'Accepted');
  return [
    metadata.uid,
    metadata.generation,
    metadata.deletionTimestamp,
    status?.vni,
    status?.mtu,
    accepted?.status,
    accepted?.message,
  ];
}

/** Waiting pods of a namespace whose labels changed: a network may let them join now. */
export function podsOfNamespace(
  waiting: Waiting,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(old?.metadata.labels, now.metadata.labels)) return [];
  return [...waiting.pods()].filter((pod) => pod.startsWith(`${now.metadata.name}/`));
}

/** Pods bound to a node that was not known before. */
export function podsOfNode(
  stores: Pick<Stores, 'pods'>,
  old: Node | undefined,
  now: Node | undefined,
): readonly Key[] {
  if (old !== undefined || now === undefined) return [];
  return stores.pods.byIndex('node', now.metadata.name).filter(concernsNetworks).map(keyOf);
}

/** Pods of a function that was not known before. */
export function podsOfFunction(
  stores: Pick<Stores, 'pods'>,
  old: FunctionObject | undefined,
  now: FunctionObject | undefined,
): readonly Key[] {
  if (old !== undefined || now === undefined) return [];
  const { namespace, name } = now.metadata;
  return stores.pods.keysByIndex('function', `${namespace}/${functionLabelOf(now.kind, name)}`);
}

/** All pods of functions when a node carries another size now: their chain0 is as large as every node allows. */
export function podsOfReport(
  stores: Pick<Stores, 'ports'>,
  old: NodeReport | undefined,
  now: NodeReport | undefined,
): readonly Key[] {
  if (sizeOf(old) === sizeOf(now)) return [];
  return [...stores.ports.indexValues('function')].flatMap((fn) =>
    stores.ports.byIndex('function', fn).map(podKeyOf),
  );
}

function sizeOf(report: NodeReport | undefined): string {
  return `${report?.status?.underlayMtu} ${report?.status?.vteps?.[0]}`;
}
