// SPDX-License-Identifier: Apache-2.0
import { pino } from 'pino';
import type { Picture } from '../../../functions/loadbalancer/picture.ts';
import { renderRuleset } from '../../../functions/loadbalancer/render.ts';
import { CounterTotals } from '../../../functions/shared/nft/counters.ts';
import { KernelTable } from '../../../functions/shared/nft/kernel-table.ts';
import { createNft } from '../../../functions/shared/nft/nft.ts';
import type { ChainPlan } from '../world/resources.ts';
import { World } from '../world/world.ts';
import { Host } from './host.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
export const FAMILIES = [4, 6] as const;
export const VIP = { 4: '10.20.0.100', 6: 'fd20::100' } as const;
/** `client` and `s1` share a node; `s2` is on the other, and `s3` on one without an instance. */
export const PODS = {
  client: { node: 'one', 4: '10.20.0.1', 6: 'fd20::1' },
  s1: { node: 'one', 4: '10.20.0.2', 6: 'fd20::2' },
  s2: { node: 'two', 4: '10.20.0.3', 6: 'fd20::3' },
  s3: { node: 'three', 4: '10.20.0.4', 6: 'fd20::4' },
} as const;
export const SERVERS = ['s1', 's2', 's3'] as const;
export const NODES = ['one', 'two', 'three'];
const EVERYTHING = { any: true } as const;
/** The same listeners as in the operator's slice. */
const LISTENERS = [
  { protocol: 'TCP', port: 80, targetPort: 8080 },
  { protocol: 'UDP', port: 53, targetPort: 8080 },
] as const;
const BALANCER = { any: false, addresses: Object.values(VIP) };

export const picture: Picture = {
  addresses: VIP,
  listeners: [
    { name: 'http', protocol: 'tcp', port: 80, targetPort: 8080 },
    { name: 'dns', protocol: 'udp', port: 53, targetPort: 8080 },
  ],
  affinitySeconds: undefined,
  backends: FAMILIES.flatMap((family) =>
    SERVERS.map((name) => ({ address: PODS[name][family], family, weight: 100, takes: true, keeps: true })),
  ),
  seed: 7,
  checks: undefined,
};

/** The chain that the operator makes for a load balancer of its own. */
export const OWN_CHAIN: ChainPlan = {
  name: 'web.lb',
  network: 'shop',
  pathId: 11,
  priority: -1,
  from: EVERYTHING,
  to: BALANCER,
  virtual: Object.values(VIP),
  behind: {
    any: false,
    addresses: SERVERS.flatMap((name) => FAMILIES.map((family) => PODS[name][family])),
  },
  straight: true,
  listeners: LISTENERS,
  hops: [{ instances: ['l1', 'l2'] }],
};

/** Two instances of a load balancer on three nodes, with servers and a client. */
export interface BalancerWorld {
  readonly world: World;
  readonly hosts: Readonly<Record<keyof typeof PODS, Host>>;
  /** The tables of the instances. */
  readonly tables: readonly KernelTable[];
  /** Applies a picture to all instances. */
  apply(picture: Picture): Promise<void>;
  close(): Promise<void>;
}

export async function createBalancerWorld(): Promise<BalancerWorld> {
  const world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
  await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  const hosts = {} as Record<keyof typeof PODS, Host>;
  for (const [name, { node, 4: v4, 6: v6 }] of Object.entries(PODS)) {
    const pod = await world.addPod({ name, node, network: 'shop', addresses: [v4, v6] });
    hosts[name as keyof typeof PODS] = new Host(pod.netns);
  }
  const tables = [
    await addInstance(world, { id: 1, node: 'one' }),
    await addInstance(world, { id: 2, node: 'two' }),
  ];
  const apply = async (each: Picture): Promise<void> => {
    for (const table of tables) await table.apply(renderRuleset(each));
  };
  await apply(picture);
  await world.setChains([OWN_CHAIN]);
  for (const name of SERVERS) await hosts[name].serve(name, [8080]);
  return {
    world,
    hosts,
    tables,
    apply,
    close: async () => {
      for (const host of Object.values(hosts)) host.close();
      await world.close();
    },
  };
}

export async function addInstance(
  world: World,
  { id, node, balancer = 'web' }: { readonly id: number; readonly node: string; readonly balancer?: string },
): Promise<KernelTable> {
  const kind = 'LoadBalancer';
  const { netns } = await world.addInstance({ name: `l${id}`, node, id, function: balancer, kind });
  const nft = createNft(['ip', 'netns', 'exec', netns, 'nft']);
  const counters = new CounterTotals(nft);
  const table = new KernelTable({ nft, counters, log: pino({ level: 'silent' }) });
  await table.open();
  return table;
}
