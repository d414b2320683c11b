// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel } from '../kernel/kernel.ts';
import { encodeU32 } from '../render/scalar.ts';
import { ensureLink, type WantedLink } from './attachment.ts';
import { observeLink } from './devices.ts';

const LINK_PREFIX = 'underlay-';

/** A device of the underlay at which programs take and send VXLAN. */
export interface UnderlayDevice {
  readonly name: string;
  readonly ifindex: number;
}

/**
 * Kinds of links whose frames are plain Ethernet with nothing before the IP header (rtnetlink's IFLA_INFO_KIND; a
 * physical device has none). VXLAN that arrives or leaves by others, such as tunnels and VLANs, is left to the VXLAN device.
 */
const PLAIN_KINDS: ReadonlySet<string> = new Set(['', 'veth', 'bond', 'team', 'bridge', 'macvlan']);

/**
 * Lets programs take and send VXLAN at those of the named devices that are there now, and at no other. Idempotent: it is
 * called again for devices that come, go, or change their kind.
 */
export async function applyUnderlay(
  kernel: Kernel,
  { mapsDir, progsDir }: { readonly mapsDir: string; readonly progsDir: string },
  names: readonly string[],
): Promise<void> {
  const devices = await observeUnderlayDevices(kernel, names);
  const links = devices.map((device) => underlayLinkOf(device, progsDir));
  await applyUnderlayDevices(kernel, mapsDir, devices);
  // First: a device that got another name must not keep the link of its former one, since it can have the program once.
  await pruneUnderlayLinks(kernel, progsDir, links);
  for (const link of links) await ensureLink(kernel, link);
}

/** Finds the devices of these names at which programs can take and send VXLAN. */
export async function observeUnderlayDevices(
  kernel: Kernel,
  names: readonly string[],
): Promise<readonly UnderlayDevice[]> {
  const links = await Promise.all([...new Set(names)].map((name) => observeLink(kernel, name)));
  return links.flatMap((link) =>
    link?.mac && PLAIN_KINDS.has(link.kind) ? [{ name: link.name, ifindex: link.index }] : [],
  );
}

/** Tells the programs by which devices they may send. */
export async function applyUnderlayDevices(
  kernel: Kernel,
  mapsDir: string,
  devices: readonly UnderlayDevice[],
): Promise<void> {
  const path = join(mapsDir, 'underlays');
  const wanted = new Set(devices.map(({ ifindex }) => ifindex));
  for (const { ifindex } of devices) {
    await kernel.mapUpdate({
      path,
      entries: { keys: encodeU32(ifindex), values: encodeU32(1), count: 1 },
    });
  }
  const { keys, count } = await kernel.mapDump({ path });
  const view = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  for (let i = 0; i < count; i += 1) {
    const ifindex = view.getUint32(i * 4, true);
    if (!wanted.has(ifindex)) await kernel.mapDelete({ path, keys: encodeU32(ifindex), count: 1 });
  }
}

/**
 * Pure: the link by which the program takes VXLAN at a device. The kernel puts it behind the programs that are there: who
 * filters or counts at the device sees and judges the packets of other nodes first, as before Heddle came. A program that
 * ends the list (TCX_PASS) leaves them to the VXLAN device.
 *
 * It is pinned beside the programs of its release, so it ends
 * with them: an agent of a release that does not know it, after a rollback, removes what is pinned there. Else the program
 * would go on taking packets, by maps that nobody writes any more.
 */
function underlayLinkOf({ name, ifindex }: UnderlayDevice, progsDir: string): WantedLink {
  return {
    ifindex,
    attachType: 'tcxIngress',
    progPath: join(progsDir, 'underlay_ingress'),
    pinPath: join(progsDir, `${LINK_PREFIX}${name}`),
  };
}

/** Takes the program away from devices that are no longer of the underlay: the VXLAN device takes what arrives there. */
async function pruneUnderlayLinks(
  kernel: Kernel,
  progsDir: string,
  wanted: readonly WantedLink[],
): Promise<void> {
  const kept = new Set(wanted.map(({ pinPath }) => pinPath));
  for (const name of await readdir(progsDir)) {
    const path = join(progsDir, name);
    if (name.startsWith(LINK_PREFIX) && !kept.has(path)) await kernel.unlink({ path });
  }
}
