// SPDX-License-Identifier: Apache-2.0
import { type Address, type Family, formatAddress, sameAddress } from '../../api/net/address.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { dumpAddresses, parseInterfaceAddress } from '../kernel/rtnetlink/address.ts';
import { dumpLinks, getLink, type Link, parseLink } from '../kernel/rtnetlink/link.ts';

/** Bytes that VXLAN adds over IPv4 and over IPv6: outer IP, UDP, VXLAN, inner Ethernet (RFC 7348). */
const OVERHEAD: Readonly<Record<Family, number>> = { 4: 50, 6: 70 };

export interface Underlay {
  /** Largest IP packet of the device that has the node's address. */
  readonly mtu: number;
  /** The underlay's MTU less the encapsulation: the largest IP packet of a pod on a network. */
  readonly innerMtu: number;
  /** The device that has the node's address. */
  readonly device: string;
  readonly ifindex: number;
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
  return underlayOf(link, own);
}

/** Observes the underlay once more. The device that had the address is asked first: the list of all is long on a full node. */
export async function observeUnderlayAgain(
  kernel: Kernel,
  own: Address,
  { ifindex }: Underlay,
): Promise<Underlay> {
  const [links = [], addresses = []] = await kernel.netlink({
    messages: [getLink({ index: ifindex }), dumpAddresses(ifindex)],
  });
  const hasAddress = addresses
    .flatMap((message) => parseInterfaceAddress(message) ?? [])
    .some(({ address }) => sameAddress(address, own));
  if (links[0] === undefined || !hasAddress) return observeUnderlay(kernel, own);
  return underlayOf(parseLink(links[0]), own);
}

function underlayOf({ mtu, name, index }: Link, own: Address): Underlay {
  return { mtu, innerMtu: mtu - OVERHEAD[own.family], device: name, ifindex: index };
}
