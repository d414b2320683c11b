// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeFlow, decodeFlowKey, FLOW_PIN } from '../../../agent/render/generated/layout.ts';
import { giveWay } from '../../../tools/traffic/precedence.ts';
import { clientCommand, serverCommand } from '../../../tools/traffic/program.ts';
import type { TrafficPlan, TrafficResult } from '../../../tools/traffic/result.ts';
import { type MapEntry, World } from '../world/world.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const NETWORK = 'shop';
const PORT = 7000;
const CLIENT = '10.20.0.1';
const SERVER = '10.20.0.2';

export const NODES = ['one', 'two', 'three'] as const;
export type NodeName = (typeof NODES)[number];
export const PATH = 7;

/** Three functions whose instances are on all nodes: every flow crosses nodes. */
const MEMBERS = [
  { function: 'first', nodes: ['one', 'two'] },
  { function: 'middle', nodes: ['one', 'two', 'three'] },
  { function: 'last', nodes: ['three', 'one'] },
] as const;

export interface Traffic {
  /** Stops the traffic and returns its result. */
  end(): Promise<TrafficResult>;
}

/** The instance of each hop, by flow (protocol and the client's port). */
export type Placements = ReadonlyMap<string, readonly (number | undefined)[]>;

/** Three nodes, a chain of three functions with several instances each, a client and a server at its ends. */
export class ResilienceBed {
  readonly world: World;
  /** Names of the instances of each hop. */
  hops: readonly (readonly string[])[] = [];
  readonly #stops: (() => void)[] = [];
  /** A name of this process only, to distinguish it from other traffic on the machine. */
  readonly #traffic = `traffic-${process.pid}-${Date.now()}`;
  #pods = 9;

  private constructor(world: World) {
    this.world = world;
  }

  static async create(): Promise<ResilienceBed> {
    const world = await World.create({ nodes: NODES, objectFile });
    const bed = new ResilienceBed(world);
    try {
      await world.addNetwork({ name: NETWORK, vni: 4097, subnets: ['10.20.0.0/16'] });
      await world.addPod({ name: 'client', node: 'one', network: NETWORK, addresses: [CLIENT] });
      await world.addPod({ name: 'server', node: 'two', network: NETWORK, addresses: [SERVER] });
      for (const node of NODES) await bed.#addBystander(`by-${node}`, node);
      bed.hops = await bed.#addInstances();
      await world.setChains([bed.chain(bed.hops)]);
      const server = world.spawn('server', serverCommand(PORT, bed.#traffic));
      bed.#stops.push(() => server.kill('SIGKILL'));
      await new Promise((resolve) => server.stdout.once('data', resolve));
      return bed;
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  chain(hops: readonly (readonly string[])[]) {
    return {
      name: 'chain',
      network: NETWORK,
      pathId: PATH,
      from: { any: false, addresses: [CLIENT] },
      to: { any: false, addresses: [SERVER] },
      hops: hops.map((instances) => ({ instances })),
    };
  }

  /** Starts flows through the chain; all are open when this returns. */
  async startTraffic(plan: Partial<Omit<TrafficPlan, 'name'>> = {}): Promise<Traffic> {
    const full = {
      name: this.#traffic,
      address: SERVER,
      port: PORT,
      datagramFlows: 4,
      connections: 100,
      newPerSecond: 20,
      ...plan,
    };
    const client = this.world.spawn('client', clientCommand(full));
    this.#stops.push(() => client.kill('SIGKILL'));
    const settled = new Promise<void>((resolve, reject) => {
      client.stderr.on('data', (text) => String(text).includes('settled') && resolve());
      client.then(({ stderr }) => reject(new Error(`the client of the traffic ended: ${stderr}`)));
    });
    await giveWay(this.#traffic);
    await settled;
    return {
      end: async () => {
        client.kill('SIGTERM');
        const { stdout, stderr } = await client;
        if (stdout === '') throw new Error(`the client of the traffic ended without a result: ${stderr}`);
        return JSON.parse(stdout) as TrafficResult;
      },
    };
  }

  /** The instances of each flow, by the flow tables of all nodes. */
  async placements(): Promise<Placements> {
    const found = new Map<string, (number | undefined)[]>();
    for (const node of NODES) {
      for (const { key, value } of await this.world.dumpFlows(node)) place(found, { key, value });
    }
    return found;
  }

  /** Adds a pod, whose address every node must learn. Returns the address. */
  async addPod(node: NodeName): Promise<string> {
    const index = this.#pods++;
    return this.#addBystander(`late-${index}`, node, index);
  }

  /** Whether an address answers a pod of `node` that is in no chain. */
  reaches(node: NodeName, address: string): Promise<boolean> {
    // The kernel does not repeat a neighbour request that failed within the last second.
    const script = `ip neigh flush dev net1; ping -c 1 -W 0.3 ${address}`;
    return this.world.try(`by-${node}`, ['sh', '-c', script]);
  }

  /** Starts the agent of a node; returns the milliseconds until its pods reach an address that was added meanwhile. */
  async bringBack(node: NodeName, address: string): Promise<number> {
    const took = await this.world.startAgent(node);
    const started = performance.now();
    while (!(await this.reaches(node, address))) await sleep(10);
    return took + performance.now() - started;
  }

  /** Removes the interface of an instance, as when its pod ends, before the API server has the change. */
  async removeInstance(name: string, node: NodeName): Promise<void> {
    await this.world.command(node, { kind: 'detach', portKey: `test/${name}` });
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.world.close();
  }

  async #addBystander(name: string, node: NodeName, index = this.#pods++): Promise<string> {
    const address = `10.20.1.${index}`;
    await this.world.addPod({ name, node, network: NETWORK, addresses: [address] });
    return address;
  }

  async #addInstances(): Promise<readonly (readonly string[])[]> {
    let id = 1;
    const hops: string[][] = [];
    for (const member of MEMBERS) {
      const names: string[] = [];
      for (const node of member.nodes) {
        const name = `${member.function}-${node}`;
        await this.world.addInstance({ name, node, id: id++, function: member.function });
        names.push(name);
      }
      hops.push(names);
    }
    return hops;
  }
}

/** Reads one entry of `flows`, which names the instances at both ends of one segment. */
function place(found: Map<string, (number | undefined)[]>, entry: MapEntry): void {
  const { path, segment, kind, protocol, lowPort, highPort } = decodeFlowKey(entry.key);
  if (path !== PATH || kind !== FLOW_PIN) return;
  const { left, right } = decodeFlow(entry.value);
  // Ports are in network order here; it is enough that they differ.
  const name = `${protocol}/${lowPort}/${highPort}`;
  const hops = found.get(name) ?? [];
  for (const [hop, instance] of [
    [segment - 1, left],
    [segment, right],
  ] as const) {
    if (instance === 0) continue;
    if (hops[hop] !== undefined && hops[hop] !== instance) {
      throw new Error(`flow ${name} is at two instances of hop ${hop}: ${hops[hop]} and ${instance}`);
    }
    hops[hop] = instance;
  }
  found.set(name, hops);
}

/** Flows of `before` that have another instance now. A table may have had only a part of a flow that had just begun. */
export function movedFlows(before: Placements, now: Placements): readonly string[] {
  return [...before].flatMap(([flow, hops]) => {
    const current = now.get(flow) ?? [];
    const moved = hops.some(
      (instance, hop) => instance !== undefined && current[hop] !== undefined && current[hop] !== instance,
    );
    return moved ? [`${flow}: ${hops} -> ${current}`] : [];
  });
}
