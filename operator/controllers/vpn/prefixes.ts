// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../../api/index.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { Writer } from '../../../kube/apply.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { resources } from '../../../kube/resource.ts';
import { gatewayPrefixes } from '../../compile/vpn/gateway.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import { type InstanceStores, observePods } from '../workload/pods.ts';
import { observeGatewayPorts } from './snapshot.ts';

/**
 * Gives the prefixes of the peers to the Port of the active gateway. They are removed from the other gateways' Ports
 * first, because a range with two owners would belong to neither.
 */
export async function applyPrefixes(options: {
  readonly stores: InstanceStores;
  readonly writer: Writer;
  readonly decided: DecidedVpn;
  readonly active: string | undefined;
}): Promise<void> {
  const { stores, writer, decided, active } = options;
  const { vpn } = decided;
  const pods = observePods(stores, ownerOf(vpn));
  const isActive = ({ spec }: Port): boolean => spec.pod.name === active;
  const ports = pods.flatMap((pod) => observeGatewayPorts(stores, vpn, pod));
  for (const port of ports.filter((each) => !isActive(each))) await setPrefixes(writer, port, []);
  for (const port of ports.filter(isActive)) await setPrefixes(writer, port, gatewayPrefixes(decided));
}

async function setPrefixes(writer: Writer, port: Port, prefixes: readonly string[]): Promise<void> {
  if (port.metadata.deletionTimestamp || sameJson(port.spec.prefixes ?? [], prefixes)) return;
  const { namespace, name, uid } = port.metadata;
  const ref = { resource: resources.ports, namespace, name };
  // An empty list is stored as an absent field.
  const patch = { spec: { prefixes: prefixes.length > 0 ? prefixes : null } };
  try {
    await writer.patch(ref, patch, { preconditions: { uid } });
  } catch (error) {
    // The Port was deleted with its pod.
    if (!isNotFound(error)) throw error;
  }
}

/** The active gateway's pod, if `active` names a pod of this VPN. */
export function activePodOf(stores: InstanceStores, vpn: Vpn, active: string | undefined) {
  const pod = observePods(stores, ownerOf(vpn)).find(({ metadata }) => metadata.name === active);
  return pod?.spec.nodeName === undefined
    ? undefined
    : { podIPs: pod.status.podIPs, node: pod.spec.nodeName };
}
