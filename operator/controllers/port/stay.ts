// SPDX-License-Identifier: Apache-2.0
import type { Port, VirtualNetwork } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Namespace } from '../../../kube/slim.ts';
import { isGuest, judgeStay, type StayVerdict } from '../../compile/ports/stay.ts';
import type { Stores } from '../../observe/stores.ts';
import { observeView } from '../network/snapshot.ts';

/** Whether a Port stays on its network, as the stores have it now. */
export function observeStay(
  stores: Pick<Stores, 'virtualNetworks' | 'namespaces'>,
  port: Port,
  now: Date,
): StayVerdict {
  const ref = port.spec.network;
  const network = ref && stores.virtualNetworks.get(networkValue(ref));
  const view = ref && observeView(stores, ref);
  return judgeStay({ port, network, admits: view?.admits(port.metadata.namespace) ?? true, now });
}

/** The Ports of guests of a network whose rules for guests changed, or whose deletion began. */
export function portsOfNetwork(
  stores: Pick<Stores, 'ports'>,
  old: VirtualNetwork | undefined,
  now: VirtualNetwork | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(rulesOf(old), rulesOf(now))) return [];
  return stores.ports.byIndex('network', networkValue(now.metadata)).filter(isGuest).map(keyOf);
}

function rulesOf(network: VirtualNetwork | undefined): unknown {
  return network && [network.metadata.deletionTimestamp, network.spec.attach];
}

/** The Ports of a namespace whose labels changed: networks may let it in by these. */
export function portsOfNamespace(
  stores: Pick<Stores, 'pods' | 'ports'>,
  old: Namespace | undefined,
  now: Namespace | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(old?.metadata.labels, now.metadata.labels)) return [];
  return stores.pods
    .byIndex('namespace', now.metadata.name)
    .flatMap(({ metadata }) => stores.ports.byIndex('pod', metadata.uid).filter(isGuest).map(keyOf));
}
