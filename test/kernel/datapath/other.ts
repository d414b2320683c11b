// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Kernel, startKernel } from '../../../agent/kernel/kernel.ts';
import type { TcxAttachType } from '../../../agent/kernel/protocol.ts';
import { vxlanPort } from '../../../api/names.ts';
import { triplet } from '../../../tools/build/setup.ts';
import { type BpfFolder, makeBpfFolder } from '../world/loaded.ts';
import type { World } from '../world/world.ts';

const SOURCE = join(import.meta.dirname, 'other.bpf.c');
const CHILD = join(import.meta.dirname, '../../../agent/kernel/child.ts');
/** Debian keeps `asm/types.h` in a folder that clang only searches for the machine's own target. */
const INCLUDE = `/usr/include/${triplet}`;

/** What the kernel does next: the next program, past all others to IP, or nothing (linux/bpf.h, `tcx_action_base`). */
export const VERDICTS = { next: -1, pass: 0, drop: 2 } as const;

/** Programs of somebody else at devices of nodes (tcx). */
export class Others {
  readonly #kernel: Kernel = startKernel({ childPath: CHILD });
  readonly #bpffs: BpfFolder;
  readonly #built: string;

  private constructor(places: { readonly bpffs: BpfFolder; readonly built: string }) {
    this.#bpffs = places.bpffs;
    this.#built = places.built;
  }

  static async create(): Promise<Others> {
    return new Others({
      bpffs: await makeBpfFolder(),
      built: await mkdtemp(join(tmpdir(), 'heddle-other-')),
    });
  }

  /** Attaches a program behind those that are at the device. */
  async attach(
    world: World,
    options: {
      readonly name: string;
      readonly node: string;
      readonly verdict: keyof typeof VERDICTS;
      readonly attachType?: TcxAttachType;
    },
  ): Promise<void> {
    const { name, node, verdict, attachType = 'tcxIngress' } = options;
    const object = join(this.#built, `${verdict}.bpf.o`);
    const defines = [`-DVERDICT=${VERDICTS[verdict]}`, `-DVXLAN_PORT=${vxlanPort}`];
    const target = ['-O2', '-g', '-target', 'bpf', `-I${INCLUDE}`, ...defines];
    await execa('clang', [...target, '-c', SOURCE, '-o', object]);
    const folder = join(this.#bpffs.path, name);
    await mkdir(folder);
    const progPath = join(folder, 'program');
    await execa('bpftool', ['prog', 'load', object, progPath, 'type', 'classifier', 'pinmaps', folder]);
    const netns = `/var/run/netns/${world.netnsOf(node)}`;
    const ifindex = Number((await world.exec(node, ['cat', '/sys/class/net/eth0/ifindex'])).trim());
    await this.#kernel.linkCreate({ netns, ifindex, attachType, progPath, pinPath: join(folder, 'link') });
  }

  /** What a program has seen since it was attached. */
  async seen(name: string): Promise<{ readonly vxlan: number; readonly rest: number }> {
    const { values } = await this.#kernel.mapDump({ path: join(this.#bpffs.path, name, 'seen') });
    const counts = Buffer.from(values);
    return { vxlan: Number(counts.readBigUInt64LE(0)), rest: Number(counts.readBigUInt64LE(8)) };
  }

  async detach(name: string): Promise<void> {
    await rm(join(this.#bpffs.path, name), { recursive: true });
  }

  async close(): Promise<void> {
    await this.#kernel.close();
    await this.#bpffs.remove();
    await rm(this.#built, { recursive: true });
  }
}
