// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { IS_CHAINS_FORWARD } from '../../../functions/shared/nft/context.ts';
import type { HopPlan } from '../world/resources.ts';
import { type Pod, World } from '../world/world.ts';
import { startEcho } from './flows.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;

export const CLIENT = ['10.20.0.1', 'fd20::1'] as const;
/** The server on the other node than the client's, and the one on the client's node. */
export const FAR = '10.20.0.3';
export const NEAR = 'fd20::4';

/** Counts the flows that an instance forwards, by source port; probes do not count. */
const WATCH_FLOWS = `
table inet seen {
  set flows { type inet_service; flags dynamic; size 65535; counter; }
  chain forward {
    type filter hook forward priority 0;
    ${IS_CHAINS_FORWARD} meta l4proto udp add @flows { udp sport }
  }
}`;

const BLACK_HOLE = `
table inet hole {
  chain forward { type filter hook forward priority -10; policy drop; }
}`;

/** By iptables, since not every kernel has the queue of nftables. */
const QUEUE_ALL = ['FORWARD', '-j', 'NFQUEUE', '--queue-num', '0'];

export interface Member {
  readonly name: string;
  readonly node: 'one' | 'two';
  /** The function of the instance; `edge` by default. */
  readonly function?: string;
}

/** The pool in which instances fail: two on the client's node, one on the other. */
export const MEMBERS: readonly Member[] = [
  { name: 'a1', node: 'one' },
  { name: 'a2', node: 'one' },
  { name: 'b1', node: 'two' },
];

/** Two nodes, a function of three instances, a client and two servers that echo. */
export class Bed {
  readonly world: World;
  readonly client: Pod;
  readonly #stops: (() => void)[] = [];
  readonly #ids = new Map<string, number>();
  #nextId = 1;

  private constructor(world: World, client: Pod) {
    this.world = world;
    this.client = client;
  }

  static async create(): Promise<Bed> {
    const world = await World.create({ nodes: ['one', 'two'], objectFile });
    try {
      const network = 'shop';
      await world.addNetwork({ name: network, vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
      const client = await world.addPod({ name: 'client', node: 'one', network, addresses: CLIENT });
      const far = await world.addPod({ name: 'far', node: 'two', network, addresses: [FAR] });
      const near = await world.addPod({ name: 'near', node: 'one', network, addresses: [NEAR] });
      const bed = new Bed(world, client);
      bed.#stops.push(await startEcho(far, 'udp4'), await startEcho(near, 'udp6'));
      for (const member of MEMBERS) await bed.addMember(member);
      await bed.chain();
      return bed;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  /** Adds an instance with a new number; a pod that is replaced gets a new number too. */
  async addMember({ name, node, function: owner = 'edge' }: Member): Promise<void> {
    const id = this.#nextId++;
    this.#ids.set(name, id);
    await this.world.addInstance({ name, node, id, function: owner });
    await this.world.exec(name, ['nft', '-f', '-'], WATCH_FLOWS);
  }

  idOf(name: string): number {
    return this.#ids.get(name)!;
  }

  /** Writes the chain again. */
  async chain(hops: readonly HopPlan[] = [{ instances: MEMBERS.map(({ name }) => name) }]): Promise<void> {
    await this.world.setChains([
      {
        name: 'chain',
        network: 'shop',
        pathId: 7,
        from: { any: false, addresses: CLIENT },
        to: { any: false, addresses: [FAR, NEAR] },
        hops,
      },
    ]);
  }

  /** Makes a process decide whether packets of an instance pass. */
  async queueThroughProcess(
    name: string,
  ): Promise<{ readonly pid: number; readonly end: () => Promise<void> }> {
    const script = new URL('forwarder.py', import.meta.url).pathname;
    const forwarder = this.world.spawn(name, ['python3', script]);
    await new Promise((resolve) => forwarder.stdout!.once('data', resolve));
    const change = async (action: '-A' | '-D') => {
      for (const tool of ['iptables', 'ip6tables']) await this.world.exec(name, [tool, action, ...QUEUE_ALL]);
    };
    await change('-A');
    const end = async () => {
      await change('-D');
      forwarder.kill('SIGKILL');
      await forwarder;
    };
    return { pid: forwarder.pid!, end };
  }

  /** Packets of each flow that an instance forwarded towards the server, by the flow's source port. */
  async flowsOf(name: string): Promise<ReadonlyMap<number, number>> {
    const output = JSON.parse(
      await this.world.exec(name, ['nft', '-j', 'list', 'set', 'inet', 'seen', 'flows']),
    ) as {
      nftables: {
        set?: { elem?: { elem: { val: number; counter: { packets: number } } }[] };
      }[];
    };
    const elements = output.nftables.flatMap(({ set }) => set?.elem ?? []);
    return new Map(elements.map(({ elem }) => [elem.val, elem.counter.packets]));
  }

  /** Blocks all packets by the ruleset, while the instance stays ready. */
  async block(name: string): Promise<void> {
    await this.world.exec(name, ['nft', '-f', '-'], BLACK_HOLE);
  }

  async unblock(name: string): Promise<void> {
    await this.world.exec(name, ['nft', 'delete', 'table', 'inet', 'hole']);
  }

  /** The instance that forwards each flow now, by what is counted in a short time. */
  async placements(names: readonly string[], ms = 150): Promise<ReadonlyMap<number, string>> {
    const before = await Promise.all(names.map((name) => this.flowsOf(name)));
    await sleep(ms);
    const after = await Promise.all(names.map((name) => this.flowsOf(name)));
    const placed = new Map<number, string>();
    for (const [index, name] of names.entries()) {
      for (const [port, packets] of after[index]!)
        if (packets > (before[index]!.get(port) ?? 0)) placed.set(port, name);
    }
    return placed;
  }

  /** Waits until a node reports this health; returns how long it took. */
  async waitForHealth(
    node: 'one' | 'two',
    wanted: { readonly down?: readonly number[]; readonly unreachable?: readonly string[] },
    timeoutMs = 5000,
  ): Promise<number> {
    const started = performance.now();
    for (;;) {
      const { down, unreachable } = await this.world.health(node);
      const isDown = wanted.down === undefined || down.join() === wanted.down.join();
      const isUnreachable =
        wanted.unreachable === undefined || unreachable.join() === wanted.unreachable.join();
      const took = performance.now() - started;
      if (isDown && isUnreachable) return took;
      if (took > timeoutMs)
        throw new Error(
          `node ${node} says down [${down}], unreachable [${unreachable}] after ${timeoutMs} ms`,
        );
      await sleep(10);
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.world.close();
  }
}
