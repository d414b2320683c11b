// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../api/conditions.ts';
import type { Port, VirtualNetwork } from '../../api/index.ts';

// What of an object the kernel of a node depends on: all else changes often, and must not cost a pass.

/** Whether a network is the same to a node: how full it is, and who has it, are the operator's business. */
export function sameNetwork(a: VirtualNetwork | undefined, b: VirtualNetwork | undefined): boolean {
  return networkMeaning(a) === networkMeaning(b);
}

function networkMeaning(network: VirtualNetwork | undefined): string {
  if (!network) return '';
  const { metadata, status } = network;
  const subnets = status?.subnets?.map(({ cidr }) => cidr) ?? [];
  return JSON.stringify([metadata.uid, metadata.generation, status?.vni, status?.mtu, subnets]);
}

/** Whether a Port is the same to its network: whether it is ready is known where it is attached. */
export function samePort(a: Port | undefined, b: Port | undefined): boolean {
  return portMeaning(a) === portMeaning(b);
}

function portMeaning(port: Port | undefined): string {
  if (!port) return '';
  return `${port.metadata.uid} ${port.metadata.generation} ${isTrue(port.status?.conditions, 'Accepted')}`;
}
