import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { ChainSlice, Port, VirtualNetwork } from '../../../operator/api/index.ts';
import type { Node } from '../../../operator/runtime/slim.ts';
import type { NodeCommand, NodeReply, NodeSetup } from './protocol.ts';
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
const VXLAN_PORT = 14789;
const OVERHEAD = 50;

let worlds = 0;

/** A pod of the world: its name is its namespace's, behind the world's prefix. */
export interface Pod {
  readonly name: string;
  readonly netns: string;
  readonly addresses: readonly string[];
  readonly mac: string;
}

/**
 * Nodes and pods as network namespaces, joined by a bridge that stands for the underlay. Everything above the
 * underlay is made by the agent's own code. `close` removes it all.
 */
export class World {
  readonly #prefix: string;
  readonly #bpffs: string;
  readonly #objectFile: string;
  readonly #nodes = new Map<string, { readonly process: ChildProcess; readonly ip: string }>();
  readonly #pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #namespaces: string[] = [];
  readonly #ports: Port[] = [];
  readonly #networks: VirtualNetwork[] = [];
  #slices: readonly ChainSlice[] = [];
  #nodeObjects: Node[] = [];
  #nextId = 1;

  private constructor(prefix: string, bpffs: string, objectFile: string) {
    this.#prefix = prefix;
    this.#bpffs = bpffs;
    this.#objectFile = objectFile;
  }

  static async create(options: {
    readonly nodes: readonly string[];
    readonly objectFile: string;
  }): Promise<World> {
    const bpffs = await mkdtemp(join(tmpdir(), 'heddle-bpf-'));
    await execa('mount', ['-t', 'bpf', 'bpf', bpffs]);
    const world = new World(`w${process.pid}x${worlds++}-`, bpffs, options.objectFile);
    try {
      await world.#addNetns('underlay');
      await world.exec('underlay', ['ip', 'link', 'add', 'br0', 'type', 'bridge']);
      await world.exec('underlay', ['ip', 'link', 'set', 'br0', 'up']);
      for (const [index, node] of options.nodes.entries()) await world.#addNode(node, index + 1);
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

  /** The same, answering whether it succeeded. */
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

  /** A function that forwards whatever its own kernel forwards. */
  async addInstance(options: {
    readonly name: string;
    readonly node: string;
    readonly id: number;
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

  /** Tells every node what the API says now. */
  async publish(): Promise<void> {
    const resources = {
      ports: this.#ports,
      networks: this.#networks,
      slices: this.#slices,
      nodes: this.#nodeObjects,
    };
    for (const node of this.#nodes.keys()) await this.command(node, { kind: 'resources', ...resources });
  }

  async drops(node: string): Promise<Readonly<Record<string, number>>> {
    return (await this.command(node, { kind: 'drops' })) as Readonly<Record<string, number>>;
  }

  command(node: string, command: NodeCommand): Promise<unknown> {
    return this.#send(node, { command });
  }

  nodeIp(node: string): string {
    return this.#nodes.get(node)!.ip;
  }

  /** The agent of a node ends without a word and another one takes over. */
  async restartAgent(node: string): Promise<void> {
    const { process: old, ip } = this.#nodes.get(node)!;
    old.kill('SIGKILL');
    await new Promise((resolve) => old.once('exit', resolve));
    await this.#startProcess(node, ip);
    const resources = {
      ports: this.#ports,
      networks: this.#networks,
      slices: this.#slices,
      nodes: this.#nodeObjects,
    };
    // As the agent does: read everything, adopt, and only then write.
    await this.command(node, { kind: 'takeOverWith', ...resources });
  }

  async close(): Promise<void> {
    for (const [node, { process: child }] of this.#nodes) {
      await this.command(node, { kind: 'stop' }).catch(() => undefined);
      child.kill('SIGKILL');
    }
    for (const netns of this.#namespaces) await execa('ip', ['netns', 'del', netns], { reject: false });
    await execa('umount', [this.#bpffs], { reject: false });
    await rm(this.#bpffs, { recursive: true, force: true });
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
    const ip = `172.31.0.${index}`;
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
    await this.exec(node, ['ip', 'addr', 'add', `${ip}/24`, 'dev', 'eth0']);
    await this.exec(node, ['ip', 'link', 'set', 'eth0', 'up', 'mtu', String(UNDERLAY_MTU)]);
    await mkdir(join(this.#bpffs, node), { recursive: true });
    this.#nodeObjects = [...this.#nodeObjects, renderNode(node, ip)];
    await this.#startProcess(node, ip);
  }

  async #startProcess(node: string, ip: string): Promise<void> {
    const script = join(import.meta.dirname, 'node-process.ts');
    const child = spawn('ip', ['netns', 'exec', this.#prefix + node, process.execPath, script], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    child.on('message', (reply: NodeReply) => this.#settle(reply));
    child.on('exit', (code) => this.#fail(`the process of node ${node} ended (${code})`));
    this.#nodes.set(node, { process: child, ip });
    const setup: NodeSetup = {
      node,
      bpffs: this.#bpffs,
      objectFile: this.#objectFile,
      vxlanPort: VXLAN_PORT,
      innerMtu: UNDERLAY_MTU - OVERHEAD,
    };
    await this.#send(node, { setup });
  }

  #send(
    node: string,
    message: { readonly setup?: NodeSetup; readonly command?: NodeCommand },
  ): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#nodes.get(node)!.process.send({ id, ...message }, (error) => {
        if (error) this.#settle({ id, error: `node ${node}: ${error.message}` });
      });
    });
  }

  #fail(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(reason));
    this.#pending.clear();
  }

  #settle(reply: NodeReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.error === undefined) pending?.resolve(reply.result);
    else pending?.reject(new Error(reply.error));
  }
}
