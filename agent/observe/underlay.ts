import type { Kernel } from '../kernel/kernel.ts';
import { dumpAddresses, parseAddress } from '../kernel/rtnetlink/address.ts';
import { dumpLinks, parseLink } from '../kernel/rtnetlink/link.ts';
import { isMappedIpv4, parseMappedAddress } from '../render/mapped.ts';

/** Bytes that VXLAN adds over IPv4 and over IPv6: outer IP, UDP, VXLAN, inner Ethernet (RFC 7348). */
const OVERHEAD = { ipv4: 50, ipv6: 70 } as const;

export interface Underlay {
  /** Largest IP packet of the device that has the node's address. */
  readonly mtu: number;
  /** The same less the encapsulation: largest IP packet of a tenant. */
  readonly innerMtu: number;
}

/** Finds the device that carries the node's own address, and what fits through it. */
export async function observeUnderlay(kernel: Kernel, nodeAddress: string): Promise<Underlay> {
  const mapped = parseMappedAddress(nodeAddress).bytes;
  const isIpv4 = isMappedIpv4(mapped);
  const wanted = Buffer.from(isIpv4 ? mapped.subarray(12) : mapped);
  const [links = [], addresses = []] = await kernel.netlink({ messages: [dumpLinks(), dumpAddresses(0)] });
  const found = addresses.map(parseAddress).find(({ address }) => wanted.equals(address));
  if (!found)
    throw new Error(
      `no device of this node has its address ${nodeAddress}: is the agent on the host network?`,
    );
  const link = links.map(parseLink).find(({ index }) => index === found.ifindex);
  if (!link) throw new Error(`the device of ${nodeAddress} vanished`);
  return { mtu: link.mtu, innerMtu: link.mtu - (isIpv4 ? OVERHEAD.ipv4 : OVERHEAD.ipv6) };
}
