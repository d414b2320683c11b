import type { ChainPlan } from '../../kernel/world/resources.ts';
import { World } from '../../kernel/world/world.ts';
import { type Lane, nameRow, placeLane, type Row } from './lanes.ts';
import { WITHOUT_BR_NETFILTER } from './namespaces.ts';
import { renderHeddleFirewall } from './rulesets.ts';

export const NODES = ['one', 'two', 'three'] as const;
const NETWORK = { name: 'bench', vni: 4097, subnets: ['10.20.0.0/16'] };
const FIRST_PATH = 100;

/** Heddle's lanes: programs, maps and namespaces made by the agent's own code, all in one network. */
export async function buildHeddleLanes(world: World, rows: readonly Row[]): Promise<readonly Lane[]> {
  await world.exec('underlay', ['sysctl', '-qew', ...WITHOUT_BR_NETFILTER]);
  await world.addNetwork(NETWORK);
  const lanes: Lane[] = [];
  const chains: ChainPlan[] = [];
  let nextInstance = 1;
  for (const [index, row] of rows.entries()) {
    const name = nameRow(row);
    const nodes = placeLane(row, NODES);
    const [from, to] = [`10.20.${index}.1`, `10.20.${index}.2`];
    const pod = { network: NETWORK.name };
    const client = await world.addPod({ ...pod, name: `${name}-c`, node: nodes[0]!, addresses: [from] });
    const server = await world.addPod({ ...pod, name: `${name}-s`, node: nodes.at(-1)!, addresses: [to] });
    const hops: string[] = [];
    const functions: string[] = [];
    for (const node of nodes.slice(1, -1)) {
      const hop = `${name}-${hops.length}`;
      const { netns } = await world.addInstance({ name: hop, node, id: nextInstance++ });
      if (row.work === 'firewall') await world.exec(hop, ['nft', '-f', '-'], renderHeddleFirewall());
      hops.push(hop);
      functions.push(netns);
    }
    if (hops.length > 0) chains.push(renderChain({ name, index, from, to, hops }));
    lanes.push({
      plan: { ...row, build: 'heddle' },
      client: client.netns,
      server: server.netns,
      address: to,
      functions,
    });
  }
  await world.setChains(chains);
  return lanes;
}

export function openWorld(objectFile: string): Promise<World> {
  return World.create({ nodes: NODES, objectFile });
}

function renderChain(options: {
  readonly name: string;
  readonly index: number;
  readonly from: string;
  readonly to: string;
  readonly hops: readonly string[];
}): ChainPlan {
  const { name, index, from, to, hops } = options;
  return {
    name,
    network: NETWORK.name,
    pathId: FIRST_PATH + index,
    from: { any: false, addresses: [from] },
    to: { any: false, addresses: [to] },
    hops,
  };
}
