// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../api/conditions.ts';
import type { Port, VirtualNetwork } from '../../api/index.ts';

// The parts of an object that the kernel of a node depends on. The other parts change often, and must not cause a pass.

/** Whether two versions of a network are the same to a node. How full it is concerns the operator only. */
export function sameNetwork(a: VirtualNetwork | undefined, b: VirtualNetwork | undefined): boolean {
  return networkMeaning(a) === networkMeaning(b);
}

function networkMeaning(network: VirtualNetwork | undefined): string {
  if (!network) return '';
  const { metadata, status } = network;
  const subnets = status?.subnets?.map(({ cidr }) => cidr) ?? [];
  const { vni, mtu, routes } = status ?? {};
  return JSON.stringify([metadata.uid, metadata.generation, vni, mtu, subnets, routes]);
}

/** Whether two versions of a Port are the same to its network. Its readiness concerns its own node only. */
export function samePort(a: Port | undefined, b: Port | undefined): boolean {
  return portMeaning(a) === portMeaning(b);
}

function portMeaning(port: Port | undefined): string {
  if (!port) return '';
  return `${port.metadata.uid} ${port.metadata.generation} ${isTrue(port.status?.conditions, 'Accepted')}`;
}
