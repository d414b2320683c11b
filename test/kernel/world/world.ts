// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { MapEntries } from '../../../agent/kernel/protocol.ts';
import type { Underlay } from '../../../agent/observe/underlay.ts';
import { type BpfMapName, pathEvents } from '../../../agent/render/generated/layout.ts';
import type { ChainSlice, Port, VirtualNetwork } from '../../../api/index.ts';
import { vxlanPort } from '../../../api/names.ts';
import type { Family } from '../../../api/net/address.ts';
import type { Node } from '../../../kube/slim.ts';
import { type BpfFolder, leaveLoaded, makeBpfFolder, takeLoaded } from './loaded.ts';
import { NodeClient } from './node-client.ts';
import type { NodeCommand, NodeHealth, Resources } from './protocol.ts';
import {
  type ChainPlan,
  type NetworkPlan,
  renderInstancePort,
  renderNetworkObject,
  renderNode,
  renderPodPort,
  renderSlice,
} from './resources.ts';

const UNDERLAY_MTU = 1500;
export const VXLAN_PORT = vxlanPort;
/** Bytes of the encapsulation, and the addresses of nodes, by the IP version of the underlay. */
const UNDERLAY = {
  4: { overhead: 50, address: (index: number) => `172.31.0.${index}`, length: 24 },
  6: { overhead: 70, address: (index: number) => `fd31::${index}`, length: 64 },
} as const;
/** The same value as in the chart. */
const PROBE_INTERVAL_MS = 50;

let worlds = 0;

/** A pod of the world. Its name, with the world's prefix, is the name of its namespace. */
export interface Pod {
  readonly name: string;
  readonly netns: string;
  readonly addresses: readonly string[];
  readonly mac: string;
}

interface WorldNode {
  readonly client: NodeClient;
  readonly ip: string;
  /** Its device in the namespace that stands for the underlay. */
  readonly underlay: string;
}

/** The parts of an agent of another release; by default those of this checkout. */
export interface Release {
  readonly objectFile: string;
  /** A copy of the repository. */
  readonly tree: string;
  readonly encapsulateBy?: 'Programs' | 'Device';
}

/** One entry of a BPF map; the codecs of agent/render/generated/layout.ts read it. */
export interface MapEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * Nodes and pods as network namespaces, joined by a bridge that stands for the underlay. Everything above the
 * underlay is made by the agent's own code. `close` removes it all.
 */
export class World {
  readonly #prefix: string;
  readonly #bpffs: BpfFolder;
  readonly #objectFile: string;
  readonly #probeIntervalMs: number;
  readonly #underlay: (typeof UNDERLAY)[Family];
  readonly #nodes = new Map<string, WorldNode>();
  readonly #namespaces: string[] = [];
  /** Nodes without a running agent: it has ended, or it is stopped. */
  readonly #away = new Set<string>();
  readonly #ports: Port[] = [];
  readonly #networks: VirtualNetwork[] = [];
  #slices: readonly ChainSlice[] = [];
  #nodeObjects: Node[] = [];

  private constructor(
    prefix: string,
    bpffs: BpfFolder,
    options: Pick<Parameters<typeof World.create>[0], 'objectFile' | 'probeIntervalMs' | 'underlay'>,
  ) {
    this.#prefix = prefix;
    this.#bpffs = bpffs;
    this.#objectFile = options.objectFile;
    this.#probeIntervalMs = options.probeIntervalMs ?? PROBE_INTERVAL_MS;
    this.#underlay = UNDERLAY[options.underlay ?? 4];
  }

  static async create(options: {
    readonly nodes: readonly string[];
    readonly objectFile: string;
    /**
     * Set to a longer time in tests that are not about health, so that a busy machine does not look like a failed
     * function.
     */
    readonly probeIntervalMs?: number;
    /** The IP version of the nodes' addresses; 4 if not given. */
    readonly underlay?: Family;
  }): Promise<World> {
    const bpffs = await makeBpfFolder();
    const world = new World(`w${process.pid}x${worlds++}-`, bpffs, options);
    try {
      await world.#addNetns('underlay');
      // Without snooping: the bridge would keep neighbour discovery back until it knows who listens.
      const bridge = ['type', 'bridge', 'mcast_snooping', '0'];
      await world.exec('underlay', ['ip', 'link', 'add', 'br0', ...bridge]);
      await world.exec('underlay', ['ip', 'link', 'set', 'br0', 'up']);
      await Promise.all(options.nodes.map((node, index) => world.#addNode(node, index + 1)));
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  /** Runs a program in a namespace of the world; fails when it does. */
  async exec(name: string, command: readonly string[], input?: string): Promise<string> {
    const { stdout } = await execa('ip', ['netns', 'exec', this.#prefix + name, ...command], {
      ...(input === undefined ? {} : { input }),
      timeout: 30_000,
    });
    return stdout;
  }

  /** Packets that a named counter of nftables has seen. */
  async packets(name: string, counter: { readonly table: string; readonly name: string }): Promise<number> {
    const list = ['nft', 'list', 'counter', 'inet', counter.table, counter.name];
    return Number(/packets (\d+)/.exec(await this.exec(name, list))?.[1]);
  }

  /** Runs a program in a namespace of the world; returns whether it succeeded. */
  async try(name: string, command: readonly string[]): Promise<boolean> {
    const { exitCode } = await execa('ip', ['netns', 'exec', this.#prefix + name, ...command], {
      reject: false,
      timeout: 30_000,
    });
    return exitCode === 0;
  }

  /** Starts a program in a namespace; the caller ends it. */
  spawn(name: string, command: readonly string[]) {
    return execa('ip', ['netns', 'exec', this.#prefix + name, ...command], { reject: false });
  }

  async addNetwork(plan: NetworkPlan): Promise<void> {
    this.#networks.push(renderNetworkObject(plan));
    await this.publish();
  }

  async addPod(options: {
    readonly name: string;
    readonly node: string;
    readonly network: string;
    readonly addresses: readonly string[];
    readonly prefixes?: readonly string[];
  }): Promise<Pod> {
    const netns = await this.#addNetns(options.name);
    const network = this.#networks.find(({ metadata }) => metadata.name === options.network)!;
    const port = renderPodPort({ ...options, vni: network.status?.vni ?? 0, index: this.#ports.length + 1 });
    await this.#attach(port, netns);
    return { name: options.name, netns, addresses: options.addresses, mac: port.spec.mac ?? '' };
  }

  /** Adds a function that forwards what its own kernel forwards. */
  async addInstance(options: {
    readonly name: string;
    readonly node: string;
    readonly id: number;
    /** Name of the function that it is an instance of; its own name when absent. */
    readonly function?: string;
    /** Kind of that function: all kinds except Firewall may rewrite addresses and ports. */
    readonly kind?: string;
    /** `left` stands for left and right, between which the test's own bridge or program passes on frames. */
    readonly interface?: 'chain0' | 'left';
  }): Promise<Pod> {
    const netns = await this.#addNetns(options.name);
    const port = renderInstancePort(options);
    await this.#attach(port, netns);
    return { name: options.name, netns, addresses: [], mac: port.spec.mac ?? '' };
  }

  async removePod(name: string): Promise<void> {
    const index = this.#ports.findIndex(({ metadata }) => metadata.name === name);
    const [port] = this.#ports.splice(index, 1);
    if (!port) throw new Error(`no pod ${name}`);
    await this.publish();
    await this.command(port.spec.node, { kind: 'detach', portKey: `test/${name}` });
  }

  async setChains(chains: readonly ChainPlan[]): Promise<void> {
    this.#slices = chains.map((chain) => {
      const network = this.#networks.find(({ metadata }) => metadata.name === chain.network)!;
      return renderSlice(chain, { vni: network.status?.vni ?? 0, ports: this.#ports });
    });
    await this.publish();
  }

  /** Sends the current resources to every node, as the API server would. */
  async publish(): Promise<void> {
    const here = [...this.#nodes.keys()].filter((node) => !this.#away.has(node));
    await Promise.all(here.map((node) => this.command(node, { kind: 'resources', ...this.#resources })));
  }

  /** The node's own instances that do not forward, and the nodes that do not answer it. */
  async health(node: string): Promise<NodeHealth> {
    return (await this.command(node, { kind: 'health' })) as NodeHealth;
  }

  /** The metrics of a node's health, as at /metrics. */
  async metrics(node: string): Promise<string> {
    return (await this.command(node, { kind: 'metrics' })) as string;
  }

  /** How often an event of the data path was counted on a node. */
  async events(node: string, name: (typeof pathEvents)[number]): Promise<number> {
    const entries = await this.dumpMap(node, 'events');
    const perCpu = entries
      .filter(({ key }) => pathEvents[Buffer.from(key).readUInt32LE()] === name)
      .map(({ value }) => Buffer.from(value));
    let sum = 0;
    for (const counts of perCpu)
      for (let at = 0; at < counts.length; at += 8) sum += Number(counts.readBigUInt64LE(at));
    return sum;
  }

  async drops(node: string): Promise<Readonly<Record<string, number>>> {
    return (await this.command(node, { kind: 'drops' })) as Readonly<Record<string, number>>;
  }

  /** Lets a node look at its devices of the underlay once more, as agents do every few seconds. */
  async followUnderlay(node: string): Promise<Underlay> {
    return (await this.command(node, { kind: 'followUnderlay' })) as Underlay;
  }

  command(node: string, command: NodeCommand): Promise<unknown> {
    return this.#node(node).client.command(command);
  }

  nodeIp(node: string): string {
    return this.#node(node).ip;
  }

  /** Name of the network namespace of a node, of a pod, or of the underlay. */
  netnsOf(name: string): string {
    return this.#prefix + name;
  }

  /** Deletes the pins of a node's programs, as an agent of another release does at the end of its takeover. */
  async forgetPrograms(node: string): Promise<void> {
    const root = this.#rootOf(node);
    for (const name of await readdir(root))
      if (name.startsWith('progs-')) await rm(join(root, name), { recursive: true });
  }

  /** The process id of a node's agent, for signals and for its CPU time. */
  agentPid(node: string): number {
    return this.#node(node).client.pid;
  }

  /** Cuts a node off from all others, or connects it again; traffic within the node goes on. */
  async setNode(node: string, state: 'down' | 'up'): Promise<void> {
    await this.exec('underlay', ['ip', 'link', 'set', this.#node(node).underlay, state]);
  }

  /** Removes the namespace of a pod or an instance, as when a container is killed, without any notification. */
  async killNetns(name: string): Promise<void> {
    const netns = this.#prefix + name;
    await execa('ip', ['netns', 'del', netns]);
    this.#namespaces.splice(this.#namespaces.indexOf(netns), 1);
  }

  /** The entries of a map of a node's data path. */
  async dumpMap(node: string, map: BpfMapName): Promise<readonly MapEntry[]> {
    const { keys, values, count } = (await this.command(node, { kind: 'dumpMap', map })) as MapEntries;
    const slot = (bytes: Uint8Array, index: number) =>
      bytes.slice((index * bytes.length) / count, ((index + 1) * bytes.length) / count);
    return Array.from({ length: count }, (_, index) => ({
      key: slot(keys, index),
      value: slot(values, index),
    }));
  }

  /** The entries of a node's tables of flows. */
  async dumpFlows(node: string): Promise<readonly MapEntry[]> {
    return [...(await this.dumpMap(node, 'flows')), ...(await this.dumpMap(node, 'spilled_flows'))];
  }

  /** Deletes entries of a node's tables of flows, as the LRU does: all, or those that match. Returns their number. */
  async deleteFlows(node: string, matches: (entry: MapEntry) => boolean = () => true): Promise<number> {
    let deleted = 0;
    for (const map of ['flows', 'spilled_flows'] as const) {
      const keys = (await this.dumpMap(node, map)).filter(matches).map(({ key }) => key);
      if (keys.length === 0) continue;
      const command = { kind: 'deleteEntries', map, keys: Buffer.concat(keys), count: keys.length } as const;
      deleted += (await this.command(node, command)) as number;
    }
    return deleted;
  }

  /** Kills the agent of a node, and starts another one. */
  async restartAgent(node: string, release: Partial<Release> = {}): Promise<void> {
    await this.endAgent(node);
    await this.startAgent(node, release);
  }

  /** Ends the agent of a node: later changes do not reach the node. */
  async endAgent(node: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#away.add(node);
    await this.#node(node).client.kill(signal);
  }

  /**
   * Starts an agent, of this checkout or of another release. It reads all resources, adopts the kernel's state, and
   * only then writes. Returns how many milliseconds this took from when its process was up.
   */
  async startAgent(node: string, release: Partial<Release> = {}): Promise<number> {
    const client = await this.#startClient(node, this.#node(node).ip, release);
    const started = performance.now();
    this.#nodes.set(node, { ...this.#node(node), client });
    this.#away.delete(node);
    await this.command(node, { kind: 'takeOverWith', ...this.#resources });
    return performance.now() - started;
  }

  /** Freezes the agent and its kernel process, or lets them continue; then they learn what has changed. */
  async freezeAgent(node: string, state: 'frozen' | 'running'): Promise<void> {
    const agent = this.#node(node).client.pid;
    const children = await readFile(`/proc/${agent}/task/${agent}/children`, 'utf8');
    const pids = [agent, ...children.trim().split(' ').filter(Boolean).map(Number)];
    for (const pid of pids) process.kill(pid, state === 'frozen' ? 'SIGSTOP' : 'SIGCONT');
    if (state === 'frozen') this.#away.add(node);
    else this.#away.delete(node);
    if (state === 'running') await this.command(node, { kind: 'resources', ...this.#resources });
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#nodes.values()].map(async ({ client }) => {
        await client.command({ kind: 'stop' }).catch(() => undefined);
        await client.kill();
      }),
    );
    await Promise.all(
      this.#namespaces.map((netns) => execa('ip', ['netns', 'del', netns], { reject: false })),
    );
    for (const node of this.#nodes.keys()) await leaveLoaded('node', this.#objectFile, this.#rootOf(node));
    await this.#bpffs.remove();
  }

  async #attach(port: Port, netns: string): Promise<void> {
    this.#ports.push(port);
    await this.publish();
    const portKey = `${port.metadata.namespace}/${port.metadata.name}`;
    await this.command(port.spec.node, { kind: 'attach', portKey, netnsPath: `/var/run/netns/${netns}` });
    await this.publish();
  }

  async #addNetns(name: string): Promise<string> {
    const netns = this.#prefix + name;
    await execa('ip', ['netns', 'add', netns]);
    this.#namespaces.push(netns);
    await this.exec(name, ['ip', 'link', 'set', 'lo', 'up']);
    return netns;
  }

  async #addNode(node: string, index: number): Promise<void> {
    const netns = await this.#addNetns(node);
    const { address, length } = this.#underlay;
    const ip = address(index);
    const bridgeSide = `p${index}`;
    await this.exec('underlay', [
      'ip',
      'link',
      'add',
      bridgeSide,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      netns,
    ]);
    await this.exec('underlay', ['ip', 'link', 'set', bridgeSide, 'master', 'br0', 'up']);
    // As on every node of Kubernetes. Programs ask the kernel for routes by it.
    await this.exec(node, ['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
    await this.exec(node, ['ip', 'addr', 'add', `${ip}/${length}`, 'dev', 'eth0', 'nodad']);
    await this.exec(node, ['ip', 'link', 'set', 'eth0', 'up', 'mtu', String(UNDERLAY_MTU)]);
    await mkdir(join(this.#bpffs.path, node));
    await takeLoaded('node', this.#objectFile, this.#rootOf(node));
    this.#nodeObjects = [...this.#nodeObjects, renderNode(node, ip)];
    this.#nodes.set(node, { client: await this.#startClient(node, ip), ip, underlay: bridgeSide });
  }

  get #resources(): Resources {
    return {
      ports: this.#ports,
      networks: this.#networks,
      slices: this.#slices,
      nodes: this.#nodeObjects,
    };
  }

  /** The root of the agent on the BPF file system, by the agent's own name for it. */
  #rootOf(node: string): string {
    return join(this.#bpffs.path, node, 'heddle');
  }

  #startClient(node: string, vtep: string, release: Partial<Release> = {}): Promise<NodeClient> {
    const setup = {
      node,
      bpffs: this.#bpffs.path,
      objectFile: release.objectFile ?? this.#objectFile,
      vxlanPort: VXLAN_PORT,
      vtep,
      encapsulateBy: release.encapsulateBy ?? 'Programs',
      innerMtu: UNDERLAY_MTU - this.#underlay.overhead,
      probeIntervalMs: this.#probeIntervalMs,
    };
    return NodeClient.start(this.#prefix + node, setup, release.tree);
  }

  #node(name: string): WorldNode {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`no node ${name} in this world`);
    return node;
  }
}
