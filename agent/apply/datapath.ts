// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { encodeNodeConfig, FLOW_ENTRIES } from '../render/generated/layout.ts';
import { encodeU32 } from '../render/scalar.ts';
import { type BpfPaths, ensureLink } from './attachment.ts';
import { ensureProbeDevices, ensureVxlanDevice, PROBE_DEVICE, startDevice, VXLAN_DEVICE } from './devices.ts';
import { applyNodeTable, type NodeRules } from './node-table.ts';
import { ensurePrograms } from './programs.ts';
import { applyUnderlay, applyUnderlayDevices, observeUnderlayDevices } from './underlay.ts';

export { observeLink, VXLAN_DEVICE } from './devices.ts';

export interface DataPathOptions {
  readonly kernel: Kernel;
  /** `heddle.bpf.o`. */
  readonly objectFile: string;
  /** A directory on a bpffs: `/sys/fs/bpf/heddle`. */
  readonly root: string;
  /** UDP port of VXLAN between nodes. */
  readonly vxlanPort: number;
  /** The node's own VTEP. */
  readonly vtep: Address;
  /** Devices by which VXLAN of other nodes may arrive, besides those to which the routes to these nodes lead. */
  readonly underlayDevices: readonly string[];
  /** What writes and reads VXLAN of other nodes; `Programs` by default. */
  readonly encapsulateBy?: 'Programs' | 'Device';
  /** Size of the flow table, over all chains. A new size makes a new flow table. */
  readonly flowEntries?: number;
}

export interface DataPath extends BpfPaths {
  readonly mapsDir: string;
  readonly vxlanIfindex: number;
  /** False: VXLAN is taken in by every device, because the kernel cannot check it. */
  readonly checksUnderlay: boolean;
  /** Frames that are written to this device are probes (agent/bpf/probe.h). */
  readonly probeIfindex: number;
  readonly probeIngressIfindex: number;
  /** The node's rules of nftables, as they were written. */
  readonly nodeRules: NodeRules;
  /** Names of the devices at which programs take and send VXLAN, without the VXLAN device; some may not be there. */
  readonly programDevices: readonly string[];
}

/**
 * Makes the programs, maps and devices of this release of the agent. Those that exist and are right are kept, so a restart
 * changes nothing. Programs of an earlier release stay on the node's devices until `activateDataPath` replaces them, after
 * this release's maps are filled: so packets keep flowing during an upgrade.
 */
export async function ensureDataPath(options: DataPathOptions): Promise<DataPath> {
  const { kernel, root } = options;
  const linksDir = join(root, 'links');
  await mkdir(linksDir, { recursive: true });
  const { mapsDir, progsDir } = await ensurePrograms(options);
  const { vxlanPort, underlayDevices } = options;
  const { link: vxlan, formerPort } = await ensureVxlanDevice(kernel, vxlanPort);
  const nodeRules = { vxlanPort, formerPort, vxlanDevice: VXLAN_DEVICE, underlayDevices };
  const checksUnderlay = await applyNodeTable(nodeRules);
  const probe = await ensureProbeDevices(kernel);
  const config = {
    vxlanIfindex: vxlan.index,
    vxlanPort,
    vtep: mappedBytes(options.vtep),
    flowEntries: options.flowEntries ?? FLOW_ENTRIES,
  };
  await kernel.mapUpdate({
    path: join(mapsDir, 'node'),
    entries: { keys: encodeU32(0), values: encodeNodeConfig(config), count: 1 },
  });
  const { encapsulateBy = 'Programs' } = options;
  const programDevices = encapsulateBy === 'Programs' ? underlayDevices : [];
  await applyUnderlayDevices(kernel, mapsDir, await observeUnderlayDevices(kernel, programDevices));
  const dataPath: DataPath = {
    mapsDir,
    progsDir,
    linksDir,
    vxlanIfindex: vxlan.index,
    checksUnderlay,
    probeIfindex: probe.send.index,
    probeIngressIfindex: probe.ingress.index,
    nodeRules,
    programDevices,
  };
  const isWatched =
    (await kernel.linkInfo({ pinPath: join(linksDir, VXLAN_DEVICE) }))?.ifindex === vxlan.index;
  if (!isWatched) await activateDataPath(kernel, dataPath);
  return dataPath;
}

/** Gives the node's own devices this release's programs, each in one step. */
export async function activateDataPath(kernel: Kernel, dataPath: DataPath): Promise<void> {
  const { linksDir, progsDir, vxlanIfindex, probeIfindex, probeIngressIfindex } = dataPath;
  const watched = [
    { name: VXLAN_DEVICE, ifindex: vxlanIfindex, program: 'vxlan_ingress' },
    { name: PROBE_DEVICE, ifindex: probeIngressIfindex, program: 'probe_ingress' },
  ];
  for (const { name, ifindex, program } of watched) {
    await ensureLink(kernel, {
      ifindex,
      attachType: 'tcxIngress',
      progPath: join(progsDir, program),
      pinPath: join(linksDir, name),
    });
  }
  await applyUnderlay(kernel, dataPath, dataPath.programDevices);
  for (const index of [vxlanIfindex, probeIngressIfindex, probeIfindex]) await startDevice(kernel, index);
}

/** Deletes the pins of programs and maps that no interface uses any more. Call it after all links were upgraded. */
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
