import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Kernel } from '../kernel/kernel.ts';
import {
  createVxlanExternal,
  deleteLink,
  getLink,
  type Link,
  parseLink,
  setLink,
} from '../kernel/rtnetlink/link.ts';
import { bpfMaps, encodeNodeConfig, layoutHash } from '../render/generated/layout.ts';
import { encodeU32 } from '../render/scalar.ts';
import { type BpfPaths, ensureLink } from './attachment.ts';

const PROGRAMS = ['pod_ingress', 'fn_ingress', 'fn_egress', 'vxlan_ingress'] as const;
/** One VXLAN device a node, for all networks. */
export const VXLAN_DEVICE = 'heddle0';
/** The device never cuts: each network's own MTU is enforced before a packet reaches it. */
const VXLAN_MTU = 65_000;
/** Of no Port: the device takes a frame with its own source address for a loop. */
const VXLAN_MAC = Uint8Array.of(0x02, 0x48, 0x65, 0x64, 0x64, 0);

export interface DataPathOptions {
  readonly kernel: Kernel;
  /** `heddle.bpf.o`. */
  readonly objectFile: string;
  /** A directory on a bpffs: `/sys/fs/bpf/heddle`. */
  readonly root: string;
  /** UDP port of VXLAN between nodes. */
  readonly vxlanPort: number;
}

export interface DataPath extends BpfPaths {
  readonly mapsDir: string;
  readonly vxlanIfindex: number;
}

/**
 * Programs, maps and the VXLAN device, as this release of the agent wants them. What is there and right is kept, so a
 * restart changes nothing. Programs of another release are replaced one interface at a time, each atomically, and maps
 * of the same layout are taken over with all that is in them: packets keep flowing through an upgrade.
 */
export async function ensureDataPath(options: DataPathOptions): Promise<DataPath> {
  const { kernel, root } = options;
  const linksDir = join(root, 'links');
  await mkdir(linksDir, { recursive: true });
  const mapsDir = join(root, `maps-${layoutHash}`);
  const progsDir = await ensurePrograms(options, mapsDir);
  const device = await ensureVxlanDevice(kernel, options.vxlanPort);
  await kernel.mapUpdate({
    path: join(mapsDir, 'node'),
    entries: { keys: encodeU32(0), values: encodeNodeConfig({ vxlanIfindex: device.index }), count: 1 },
  });
  await ensureLink(kernel, {
    ifindex: device.index,
    attachType: 'tcxIngress',
    progPath: join(progsDir, 'vxlan_ingress'),
    pinPath: join(linksDir, VXLAN_DEVICE),
  });
  if (!device.up) await kernel.netlink({ messages: [setLink({ index: device.index }, { up: true })] });
  return { mapsDir, progsDir, linksDir, vxlanIfindex: device.index };
}

/** Forgets programs and maps that no interface uses any more. Call it when all links were upgraded. */
export async function pruneReleases(
  { progsDir, mapsDir }: Pick<DataPath, 'progsDir' | 'mapsDir'>,
  root: string,
) {
  for (const name of await readdir(root)) {
    const path = join(root, name);
    if (!/^(progs|maps)-/.test(name) || path === progsDir || path === mapsDir) continue;
    await rm(path, { recursive: true, force: true });
  }
}

async function ensurePrograms({ objectFile, root }: DataPathOptions, mapsDir: string): Promise<string> {
  const object = await readFile(objectFile);
  const progsDir = join(root, `progs-${createHash('sha256').update(object).digest('hex').slice(0, 12)}`);
  if (await holds(progsDir, PROGRAMS)) return progsDir;
  const maps = Object.keys(bpfMaps);
  const hasMaps = await holds(mapsDir, maps);
  // A load that was cut short left some pins; nothing refers to them.
  await rm(progsDir, { recursive: true, force: true });
  if (!hasMaps) await rm(mapsDir, { recursive: true, force: true });
  const reuse = maps.flatMap((map) => ['map', 'name', map, 'pinned', join(mapsDir, map)]);
  const pin = ['pinmaps', mapsDir];
  await execa('bpftool', [
    'prog',
    'loadall',
    objectFile,
    progsDir,
    'type',
    'classifier',
    ...(hasMaps ? reuse : pin),
  ]);
  return progsDir;
}

async function holds(directory: string, names: readonly string[]): Promise<boolean> {
  const found = new Set(await readdir(directory).catch(() => []));
  return names.every((name) => found.has(name));
}

async function ensureVxlanDevice(kernel: Kernel, port: number): Promise<Link> {
  const found = await observeLink(kernel, VXLAN_DEVICE);
  const alias = `heddle udp/${port}`; // set last, so it also says that the device is complete
  if (found?.alias === alias) return found;
  if (found) await kernel.netlink({ messages: [deleteLink({ name: VXLAN_DEVICE })] });
  const device = { name: VXLAN_DEVICE, mac: VXLAN_MAC, mtu: VXLAN_MTU, port };
  await kernel.netlink({
    messages: [
      createVxlanExternal(device),
      setLink({ name: VXLAN_DEVICE }, { noAddressGeneration: true, alias }),
    ],
  });
  const made = await observeLink(kernel, VXLAN_DEVICE);
  if (!made) throw new Error(`${VXLAN_DEVICE} vanished while it was made`);
  return made;
}

/** A device of this node by name. */
export async function observeLink(kernel: Kernel, name: string): Promise<Link | undefined> {
  const [answer] = await kernel.netlink({ messages: [getLink({ name })] });
  return answer?.[0] === undefined ? undefined : parseLink(answer[0]);
}
