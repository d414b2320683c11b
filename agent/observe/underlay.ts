// SPDX-License-Identifier: Apache-2.0
import { type Address, type Family, formatAddress, sameAddress } from '../../api/net/address.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { dumpAddresses, parseInterfaceAddress } from '../kernel/rtnetlink/address.ts';
import { dumpLinks, parseLink } from '../kernel/rtnetlink/link.ts';

/** Bytes that VXLAN adds over IPv4 and over IPv6: outer IP, UDP, VXLAN, inner Ethernet (RFC 7348). */
const OVERHEAD: Readonly<Record<Family, number>> = { 4: 50, 6: 70 };

export interface Underlay {
  /** Largest IP packet of the device that has the node's address. */
  readonly mtu: number;
  /** The underlay's MTU less the encapsulation: the largest IP packet of a pod on a network. */
  readonly innerMtu: number;
  /** Name of the device that has the node's address. */
  readonly device: string;
}

/** Finds the device that has the node's own address, and its MTU. */
export async function observeUnderlay(kernel: Kernel, own: Address): Promise<Underlay> {
  const [links = [], addresses = []] = await kernel.netlink({ messages: [dumpLinks(), dumpAddresses(0)] });
  const found = addresses
    .flatMap((message) => parseInterfaceAddress(message) ?? [])
    .find(({ address }) => sameAddress(address, own));
  if (!found)
    throw new Error(
      `no device of this node has its address ${formatAddress(own)}: is the agent on the host network?`,
    );
  const link = links.map(parseLink).find(({ index }) => index === found.ifindex);
  if (!link) throw new Error(`the device of ${formatAddress(own)} vanished`);
  return { mtu: link.mtu, innerMtu: link.mtu - OVERHEAD[own.family], device: link.name };
}
