// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { DataPathMaps } from '../../agent/apply/maps.ts';
import { type Kernel, startKernel } from '../../agent/kernel/kernel.ts';
import type { Chain } from '../../agent/render/chain.ts';
import type { Facts } from '../../agent/render/facts.ts';
import { encodeNodeConfig } from '../../agent/render/generated/layout.ts';
import { renderNetwork } from '../../agent/render/network.ts';
import { renderInstance, renderPort, renderVteps } from '../../agent/render/node.ts';
import { encodeU32 } from '../../agent/render/scalar.ts';
import type { Port } from '../../api/index.ts';
import { vxlanPort } from '../../api/names.ts';
import { type Family, parseAddress } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import { type BpfFolder, leaveLoaded, makeBpfFolder, takeLoaded } from '../kernel/world/loaded.ts';
import { BenchMaps } from './bench-maps.ts';
import { besideReplacements, type EndEntry } from './replacer.ts';
import { besideSwitches } from './switcher.ts';
import { addDevice, encodeContext, loadPrograms, type Question, readMark } from './test-run.ts';
import { loadTunnel, NOT_REACHED } from './tunnel.ts';

/** The verdict of a program on a packet. 2 is drop, 7 is redirect (linux/pkt_cls.h), 0 is continue. */
export interface Verdict {
  readonly action: number;
  readonly frame: Buffer;
  readonly mark: number;
}

/** A verdict, and the drops that were counted meanwhile. */
export interface CountedVerdict extends Verdict {
  /** Reasons whose counter has grown. */
  readonly dropped: readonly string[];
  readonly events: readonly string[];
}

export type ProgramName = 'pod_ingress' | 'fn_ingress' | 'fn_egress' | 'underlay_ingress';

/** The VTEPs of the bench's own node and of the other one, by the IP version of the underlay. */
export const VTEPS = {
  4: { own: '172.31.0.1', remote: '172.31.0.2' },
  6: { own: 'fd31::1', remote: 'fd31::2' },
} as const;

export interface NetworkPlan {
  readonly vni: number;
  readonly mtu?: number;
  readonly chains: readonly Chain[];
}

const childPath = join(import.meta.dirname, '../../agent/kernel/child.ts');
const NODE = 'here';
let benches = 0;

/**
 * The programs of the data path with maps that the real renderer filled. BPF_PROG_TEST_RUN gives packets to them one by
 * one. The devices are in a separate namespace: a program only needs their numbers.
 */
export class PacketBench extends BenchMaps {
  readonly #netns: string;
  readonly #bpffs: BpfFolder;
  readonly #objectFile: string;
  readonly #ifindexes = new Map<string, number>();
  readonly #maps: DataPathMaps;
  readonly #ports: readonly Port[];
  readonly #facts: Facts;
  readonly #down = new Set<number>();
  readonly #vteps: (typeof VTEPS)[Family];
  #tunnel: Promise<string> | undefined;

  private constructor(
    places: { readonly kernel: Kernel; readonly netns: string; readonly bpffs: BpfFolder },
    options: {
      readonly objectFile: string;
      readonly ports: readonly Port[];
      readonly underlay?: Family;
    },
  ) {
    super(places.kernel, join(places.bpffs.path, 'heddle'));
    this.#netns = places.netns;
    this.#bpffs = places.bpffs;
    this.#objectFile = options.objectFile;
    this.#maps = new DataPathMaps({ kernel: places.kernel, directory: join(this.root, 'maps') });
    this.#ports = options.ports;
    this.#vteps = VTEPS[options.underlay ?? 4];
    this.#facts = {
      node: NODE,
      isDown: ({ id, state }) => state === 'Down' || this.#down.has(id),
      ifindexOf: (key) => this.#ifindexes.get(key),
      rightIfindexOf: () => undefined,
      isLeaving: () => false,
      vtepOf: () => mappedBytes(parseAddress(this.#vteps.remote)),
    };
  }

  /** Each Port of the node `here` gets a device. */
  static async create(options: {
    readonly objectFile: string;
    readonly ports: readonly Port[];
    readonly networks: readonly NetworkPlan[];
    /** The IP version of the nodes' addresses; 4 if not given. */
    readonly underlay?: Family;
  }): Promise<PacketBench> {
    const bpffs = await makeBpfFolder();
    const netns = `hdpk${process.pid}x${benches++}`;
    await execa('ip', ['netns', 'add', netns]);
    const kernel = startKernel({ childPath });
    const bench = new PacketBench({ kernel, netns, bpffs }, options);
    try {
      if (!(await takeLoaded('bench', options.objectFile, bench.root)))
        await loadPrograms(options.objectFile, bench.root);
      await bench.#fill(options.networks);
      return bench;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  /** Gives a frame to a program as if it came from the device of a Port. */
  cross(program: ProgramName, question: Question): Promise<Verdict> {
    return this.#crossAt(join(this.root, 'progs', program), question);
  }

  /** Gives a frame to the program of the VXLAN device, as if it came by `question.tunnel`. */
  async arrive(question: Question): Promise<Verdict> {
    this.#tunnel ??= loadTunnel(this.#tunnelFolder, join(this.root, 'progs', 'vxlan_ingress'));
    const verdict = await this.#crossAt(await this.#tunnel, question);
    if (verdict.action === NOT_REACHED) throw new Error('the packet did not reach vxlan_ingress');
    return verdict;
  }

  get #tunnelFolder(): string {
    return join(this.#bpffs.path, 'tunnel');
  }

  async #crossAt(progPath: string, question: Question): Promise<Verdict> {
    const ifindex = question.port === undefined ? 1 : this.ifindexOf(question.port);
    const result = await this.kernel.progTestRun({
      netns: `/var/run/netns/${this.#netns}`,
      progPath,
      dataIn: question.frame,
      ctxIn: encodeContext(question, ifindex),
    });
    return {
      action: result.retval,
      frame: Buffer.from(result.dataOut),
      mark: readMark(Buffer.from(result.ctxOut)),
    };
  }

  /** Gives the same frame repeatedly, while the bench does other work. Returns the drops that were counted. */
  async flood(
    program: ProgramName,
    question: Question,
    repeat: number,
  ): Promise<Readonly<Record<string, number>>> {
    const kernel = startKernel({ childPath });
    try {
      const before = (await this.counters()).drops;
      await kernel.progTestRun({
        netns: `/var/run/netns/${this.#netns}`,
        progPath: join(this.root, 'progs', program),
        dataIn: question.frame,
        ctxIn: encodeContext(question, question.port === undefined ? 1 : this.ifindexOf(question.port)),
        repeat,
      });
      const after = (await this.counters()).drops;
      const counted = Object.entries(after).map(
        ([reason, count]) => [reason, count - (before[reason] ?? 0)] as const,
      );
      return Object.fromEntries(counted.filter(([, count]) => count > 0));
    } finally {
      await kernel.close();
    }
  }

  /** Runs `work` while the policy of a network is switched all the time, to the same bank. */
  besideSwitches<T>(vni: number, work: () => Promise<T>): Promise<T> {
    return besideSwitches({ folder: this.root, vni }, work);
  }

  /** Runs `work` while two ends are added and deleted in turn all the time. */
  besideReplacements<T>(ends: readonly [EndEntry, EndEntry], work: () => Promise<T>): Promise<T> {
    return besideReplacements({ folder: this.root, ends }, work);
  }

  /** Gives a frame to a program; returns its verdict and the drops that were counted. */
  async run(program: ProgramName, question: Question): Promise<CountedVerdict> {
    const before = await this.counters();
    const verdict = await this.cross(program, question);
    const after = await this.counters();
    const moved = (kind: 'drops' | 'events') =>
      Object.keys(after[kind]).filter((name) => after[kind][name] !== before[kind][name]);
    return { ...verdict, dropped: moved('drops'), events: moved('events') };
  }

  ifindexOf(port: string): number {
    const found = this.#ifindexes.get(`test/${port}`);
    if (found === undefined) throw new Error(`no Port ${port} on this node`);
    return found;
  }

  /** Writes a network as the agent does after a change. */
  setNetwork({ vni, mtu = 1450, chains }: NetworkPlan): Promise<void> {
    const ports = this.#ports.filter(({ spec }) => spec.vni === vni);
    return this.#maps.applyNetwork(renderNetwork({ vni, mtu, ports, chains, facts: this.#facts }));
  }

  /**
   * Sets which instances are down, by the map that the agent writes first. Paths change with `setNetwork`, a moment
   * later.
   */
  async setDown(ids: readonly number[]): Promise<void> {
    this.#down.clear();
    for (const id of ids) this.#down.add(id);
    const instances = this.#ports.flatMap((port) => renderInstance(port, this.#facts) ?? []);
    await this.#maps.replace('instances', new Map(instances.map(({ key, value }) => [key, value])));
  }

  async close(): Promise<void> {
    await this.kernel.close();
    // The entry of its map would hold the program for ever.
    if (this.#tunnel) await rm(this.#tunnelFolder, { recursive: true, force: true });
    await execa('ip', ['netns', 'del', this.#netns], { reject: false });
    await leaveLoaded('bench', this.#objectFile, this.root);
    await this.#bpffs.remove();
  }

  async #fill(networks: readonly NetworkPlan[]): Promise<void> {
    for (const { metadata, spec } of this.#ports) {
      if (spec.node !== NODE) continue;
      const index = this.#ifindexes.size + 100;
      await addDevice(this.#netns, index);
      this.#ifindexes.set(`${metadata.namespace}/${metadata.name}`, index);
    }
    for (const network of networks) await this.setNetwork(network);
    const vtep = mappedBytes(parseAddress(this.#vteps.remote));
    await this.#maps.replace('vteps', renderVteps([vtep]));
    await this.setDown([]);
    for (const port of this.#ports) {
      const ifindex = this.#ifindexes.get(`${port.metadata.namespace}/${port.metadata.name}`);
      if (ifindex === undefined) continue;
      const { key, value } = renderPort(port, { ifindex });
      await this.#maps.set('ports', key, value);
    }
    // No device of the underlay: all that leaves the node is left to the VXLAN device.
    const vtepOfNode = mappedBytes(parseAddress(this.#vteps.own));
    const config = { vxlanIfindex: 1, vxlanPort, vtep: vtepOfNode, flowEntries: 0 };
    await this.kernel.mapUpdate({
      path: this.map('node'),
      entries: { keys: encodeU32(0), values: encodeNodeConfig(config), count: 1 },
    });
  }
}
