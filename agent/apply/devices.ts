// SPDX-License-Identifier: Apache-2.0
import { parseMac } from '../../api/net/mac.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  createVethPair,
  createVxlanExternal,
  deleteLink,
  getLink,
  type Link,
  parseLink,
  setLink,
  stopAddressGeneration,
} from '../kernel/rtnetlink/link.ts';

/** Name of the VXLAN device: one on each node, for all networks. */
export const VXLAN_DEVICE = 'heddle0';
/** The device at which probes arrive; the agent writes them to its other end, `heddle-probe1`. */
export const PROBE_DEVICE = 'heddle-probe0';
const PROBE_SENDER = 'heddle-probe1';
/** The MTU of the VXLAN device is the largest: each network's own MTU is enforced before a packet reaches it. */
const VXLAN_MTU = 65_000;
const PROBE_MTU = 1500;
/** A MAC that no Port has: the device drops frames from its own address as a loop. */
const VXLAN_MAC = parseMac('02:48:65:64:64:00');
const PROBE_MACS = [parseMac('02:48:65:64:64:01'), parseMac('02:48:65:64:64:02')] as const;

/** Makes the VXLAN device. `formerPort`: the port before the last change of the port, by the device's alias. */
export async function ensureVxlanDevice(
  kernel: Kernel,
  port: number,
): Promise<{ readonly link: Link; readonly formerPort: number | undefined }> {
  const found = await observeLink(kernel, VXLAN_DEVICE);
  const alias = renderAlias(port, parseAlias(found?.alias)); // set last, so it also says that the device is complete
  const { formerPort } = parseAlias(alias);
  if (found?.alias === alias) return { link: found, formerPort };
  if (found) await kernel.netlink({ messages: [deleteLink({ name: VXLAN_DEVICE })] });
  const device = { name: VXLAN_DEVICE, mac: VXLAN_MAC, mtu: VXLAN_MTU, port };
  await kernel.netlink({
    messages: [
      createVxlanExternal(device),
      stopAddressGeneration({ name: VXLAN_DEVICE }),
      setLink({ name: VXLAN_DEVICE }, { alias }),
    ],
  });
  return { link: await requireLink(kernel, VXLAN_DEVICE), formerPort };
}

interface VxlanPorts {
  readonly port?: number | undefined;
  readonly formerPort?: number | undefined;
}

/** Pure: the alias of a VXLAN device on this port; `found` are the ports of the device that is there. */
export function renderAlias(port: number, found: VxlanPorts): string {
  const former = found.port === port ? found.formerPort : found.port;
  return `heddle udp/${port}${former === undefined ? '' : ` before udp/${former}`}`;
}

/** Pure: the ports by the alias of the VXLAN device; none if the device is not there or not complete. */
export function parseAlias(alias: string | undefined): VxlanPorts {
  const [, port, former] = /^heddle udp\/(\d+)(?: before udp\/(\d+))?$/.exec(alias ?? '') ?? [];
  if (port === undefined) return {};
  return { port: Number(port), formerPort: former === undefined ? undefined : Number(former) };
}

/**
 * Makes the veth pair for probes. A program can send a packet into another namespace with its mark only at the ingress of
 * a device (bpf_redirect_peer), so the agent writes probes to one end and they enter at the other.
 */
export async function ensureProbeDevices(kernel: Kernel): Promise<{ ingress: Link; send: Link }> {
  const [ingress, send] = [await observeLink(kernel, PROBE_DEVICE), await observeLink(kernel, PROBE_SENDER)];
  if (ingress && send) return { ingress, send };
  if (ingress) await kernel.netlink({ messages: [deleteLink({ name: PROBE_DEVICE })] });
  await kernel.netlink({
    messages: [
      createVethPair(
        { name: PROBE_DEVICE, mac: PROBE_MACS[0], mtu: PROBE_MTU },
        { name: PROBE_SENDER, mac: PROBE_MACS[1], mtu: PROBE_MTU },
      ),
      stopAddressGeneration({ name: PROBE_DEVICE }),
      stopAddressGeneration({ name: PROBE_SENDER }),
    ],
  });
  return { ingress: await requireLink(kernel, PROBE_DEVICE), send: await requireLink(kernel, PROBE_SENDER) };
}

export async function startDevice(kernel: Kernel, index: number): Promise<void> {
  await kernel.netlink({ messages: [setLink({ index }, { up: true })] });
}

/** The ifindex of a device of this node. */
export async function observeLink(kernel: Kernel, name: string): Promise<Link | undefined> {
  const [answer] = await kernel.netlink({ messages: [getLink({ name })] });
  return answer?.[0] === undefined ? undefined : parseLink(answer[0]);
}

async function requireLink(kernel: Kernel, name: string): Promise<Link> {
  const made = await observeLink(kernel, name);
  if (!made) throw new Error(`${name} vanished while it was made`);
  return made;
}
