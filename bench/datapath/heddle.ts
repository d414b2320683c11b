// SPDX-License-Identifier: Apache-2.0
import type { ChainPlan } from '../../test/kernel/world/resources.ts';
import { World } from '../../test/kernel/world/world.ts';
import { type Lane, mayGoStraight, nameRow, placeLane, type Row } from './lanes.ts';
import { WITHOUT_BR_NETFILTER } from './namespaces.ts';
import { renderHeddleFirewall } from './rulesets.ts';

export const NODES = ['one', 'two', 'three'] as const;
const NETWORK = { name: 'bench', vni: 4097, subnets: ['10.20.0.0/16'] };
const FIRST_PATH = 100;
const FIRST_INSTANCE = 1;

/** Heddle's lanes: programs, maps and namespaces made by the agent's own code, all in one network. */
export async function buildHeddleLanes(world: World, rows: readonly Row[]): Promise<readonly Lane[]> {
  await world.exec('underlay', ['sysctl', '-qew', ...WITHOUT_BR_NETFILTER]);
  await world.addNetwork(NETWORK);
  const plans = rows.flatMap((row): Plan[] => [
    { row, build: 'heddle' },
    ...(mayGoStraight(row) ? [{ row, build: 'straight' as const }] : []),
  ]);
  const built: Built[] = [];
  for (const [index, plan] of plans.entries()) built.push(await buildLane(world, plan, index));
  await world.setChains(built.flatMap(({ chain }) => (chain ? [chain] : [])));
  return built.map(({ lane }) => lane);
}

interface Plan {
  readonly row: Row;
  readonly build: 'heddle' | 'straight';
}

interface Built {
  readonly lane: Lane;
  readonly chain: ChainPlan | undefined;
}

async function buildLane(world: World, { row, build }: Plan, index: number): Promise<Built> {
  const name = `${nameRow(row)}${build === 'straight' ? 's' : ''}`;
  const nodes = placeLane(row, NODES);
  const [from, to] = [`10.20.${index}.1`, `10.20.${index}.2`];
  const pod = { network: NETWORK.name };
  const client = await world.addPod({ ...pod, name: `${name}-c`, node: nodes[0]!, addresses: [from] });
  const server = await world.addPod({ ...pod, name: `${name}-s`, node: nodes.at(-1)!, addresses: [to] });
  const hops: string[] = [];
  const functions: string[] = [];
  for (const node of nodes.slice(1, -1)) {
    const hop = `${name}-${hops.length}`;
    const { netns } = await world.addInstance({
      name: hop,
      node,
      id: FIRST_INSTANCE + index * 16 + hops.length,
    });
    if (row.work === 'firewall') await world.exec(hop, ['nft', '-f', '-'], renderHeddleFirewall());
    hops.push(hop);
    functions.push(netns);
  }
  const chain: ChainPlan = {
    name,
    network: NETWORK.name,
    pathId: FIRST_PATH + index,
    straight: build === 'straight',
    from: { any: false, addresses: [from] },
    to: { any: false, addresses: [to] },
    hops,
  };
  return {
    lane: { plan: { ...row, build }, client: client.netns, server: server.netns, address: to, functions },
    chain: hops.length > 0 ? chain : undefined,
  };
}

export function openWorld(objectFile: string): Promise<World> {
  return World.create({ nodes: NODES, objectFile });
}
