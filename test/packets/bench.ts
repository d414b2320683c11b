import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { DataPathMaps } from '../../agent/apply/maps.ts';
import { type Kernel, startKernel } from '../../agent/kernel/kernel.ts';
import { observeDrops } from '../../agent/observe/counters.ts';
import type { Chain } from '../../agent/render/chain.ts';
import type { Facts } from '../../agent/render/facts.ts';
import { encodeNodeConfig } from '../../agent/render/generated/layout.ts';
import { parseMappedAddress } from '../../agent/render/mapped.ts';
import { renderNetwork } from '../../agent/render/network.ts';
import { renderInstance, renderPort } from '../../agent/render/node.ts';
import { encodeU32 } from '../../agent/render/scalar.ts';
import type { Port } from '../../operator/api/index.ts';

const SK_BUFF = { size: 192, mark: 8, ingressIfindex: 36, ifindex: 40 } as const;

/** What a program made of a packet. 2 is drop, 7 is redirect (linux/pkt_cls.h), 0 is go on. */
export interface Verdict {
  readonly action: number;
  readonly frame: Buffer;
  readonly mark: number;
  /** Reasons whose counter moved. */
  readonly dropped: readonly string[];
}

export type ProgramName = 'pod_ingress' | 'fn_ingress' | 'fn_egress';

/**
 * The programs of the data path with maps filled by the real renderer, and packets given to them one by one by
 * BPF_PROG_TEST_RUN. Devices stand in a namespace of its own: a program only asks for their numbers.
 */
export class PacketBench {
  readonly #kernel: Kernel;
  readonly #netns: string;
  readonly #bpffs: string;
  readonly #ifindexes = new Map<string, number>();

  private constructor(kernel: Kernel, netns: string, bpffs: string) {
    this.#kernel = kernel;
    this.#netns = netns;
    this.#bpffs = bpffs;
  }

  static async create(options: {
    readonly objectFile: string;
    readonly vni: number;
    readonly ports: readonly Port[];
    readonly chains: readonly Chain[];
    readonly remoteVtep: string;
  }): Promise<PacketBench> {
    const bpffs = await mkdtemp(join(tmpdir(), 'heddle-packets-'));
    const netns = `hdpk${process.pid}`;
    await execa('mount', ['-t', 'bpf', 'bpf', bpffs]);
    await execa('ip', ['netns', 'add', netns]);
    const kernel = startKernel({ childPath: join(import.meta.dirname, '../../agent/kernel/child.ts') });
    const bench = new PacketBench(kernel, netns, bpffs);
    try {
      await bench.#fill(options);
      return bench;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  /** Gives a frame to a program as if it came in by the device of a Port. */
  async run(
    program: ProgramName,
    options: {
      readonly port?: string;
      readonly frame: Buffer;
      readonly mark?: number;
      readonly forwarded?: boolean;
    },
  ): Promise<Verdict> {
    const context = Buffer.alloc(SK_BUFF.size);
    const ifindex = options.port === undefined ? 1 : this.ifindexOf(options.port);
    context.writeUInt32LE(options.mark ?? 0, SK_BUFF.mark);
    context.writeUInt32LE(options.forwarded === false ? 0 : ifindex, SK_BUFF.ingressIfindex);
    context.writeUInt32LE(ifindex, SK_BUFF.ifindex);
    const before = await this.#drops();
    const result = await this.#kernel.progTestRun({
      netns: `/var/run/netns/${this.#netns}`,
      progPath: join(this.#bpffs, 'progs', program),
      dataIn: options.frame,
      ctxIn: context,
    });
    const after = await this.#drops();
    return {
      action: result.retval,
      frame: Buffer.from(result.dataOut),
      mark: Buffer.from(result.ctxOut).readUInt32LE(SK_BUFF.mark),
      dropped: Object.keys(after).filter((reason) => after[reason] !== before[reason]),
    };
  }

  ifindexOf(port: string): number {
    const found = this.#ifindexes.get(`test/${port}`);
    if (found === undefined) throw new Error(`no Port ${port} on this node`);
    return found;
  }

  async close(): Promise<void> {
    await this.#kernel.close();
    await execa('ip', ['netns', 'del', this.#netns], { reject: false });
    await execa('umount', [this.#bpffs], { reject: false });
    await rm(this.#bpffs, { recursive: true, force: true });
  }

  #drops(): Promise<Readonly<Record<string, number>>> {
    return observeDrops(this.#kernel, join(this.#bpffs, 'maps'));
  }

  async #fill(options: Parameters<typeof PacketBench.create>[0]): Promise<void> {
    const { objectFile, vni, ports, chains, remoteVtep } = options;
    const directory = join(this.#bpffs, 'maps');
    const load = [
      'prog',
      'loadall',
      objectFile,
      join(this.#bpffs, 'progs'),
      'type',
      'classifier',
      'pinmaps',
      directory,
    ];
    await execa('bpftool', load);
    for (const { metadata, spec } of ports) {
      if (spec.node === 'here') await this.#addDevice(`${metadata.namespace}/${metadata.name}`);
    }
    const facts: Facts = {
      node: 'here',
      isDown: ({ state }) => state === 'Down',
      ifindexOf: (key) => this.#ifindexes.get(key),
      vtepOf: () => parseMappedAddress(remoteVtep).bytes,
    };
    const maps = new DataPathMaps({ kernel: this.#kernel, directory });
    await maps.applyNetwork(renderNetwork({ vni, mtu: 1450, ports, chains, facts }));
    const instances = ports.flatMap((port) =>
      port.spec.instance === undefined ? [] : (renderInstance(port, facts) ?? []),
    );
    await maps.replace('instances', new Map(instances.map(({ key, value }) => [key, value])));
    for (const port of ports) {
      const ifindex = this.#ifindexes.get(`${port.metadata.namespace}/${port.metadata.name}`);
      if (ifindex === undefined) continue;
      const { key, value } = renderPort(port, ifindex);
      await maps.set('ports', key, value);
    }
    await this.#kernel.mapUpdate({
      path: join(directory, 'node'),
      entries: { keys: encodeU32(0), values: encodeNodeConfig({ vxlanIfindex: 1 }), count: 1 },
    });
  }

  async #addDevice(key: string): Promise<void> {
    const index = this.#ifindexes.size + 100;
    const name = `port${index}`;
    const peer = ['peer', 'name', `peer${index}`, 'index', String(index + 1000)];
    await execa('ip', [
      '-n',
      this.#netns,
      'link',
      'add',
      name,
      'index',
      String(index),
      'type',
      'veth',
      ...peer,
    ]);
    this.#ifindexes.set(key, index);
  }
}
