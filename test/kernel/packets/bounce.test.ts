// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_BOUNCES } from '../../../agent/render/generated/layout.ts';
import { ETHERTYPE, ethernet, ipv4, ipv6, PROTOCOL, ports } from '../../packets/frame.ts';
import { World } from '../world/world.ts';
import { until } from './until.ts';
import { Ear, Mouth, parseFrame } from './wire.ts';

// An instance's own node is the first to know that it is down. Until the others hear of it they go on sending there, so
// that node passes the frame on to another instance of the pool: three times at most, else frames would go round.

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const NODES = ['one', 'two', 'three', 'four'];
const FAMILIES = [4, 6] as const;
const POOL = ['p1', 'p2', 'p3', 'p4'];
const CLIENT = { 4: '10.20.0.1', 6: 'fd20::1' } as const;
const SERVER = { 4: '10.20.0.2', 6: 'fd20::2' } as const;
const PACKETS = 40;
/** Forwards nothing, probes neither; only its own node notices. */
const DEAF = 'table inet deaf { chain forward { type filter hook forward priority 0; policy drop; }; }';

let world: World;
let mouth: Mouth;
beforeAll(async () => {
  world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 200 });
  await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: Object.values(CLIENT) });
  await world.addPod({ name: 'server', node: 'one', network: 'shop', addresses: Object.values(SERVER) });
  for (const [index, name] of POOL.entries()) {
    await world.addInstance({ name, node: NODES[index]!, id: index + 1, function: 'pool' });
  }
  await world.setChains([
    {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: { any: false, addresses: Object.values(CLIENT) },
      to: { any: false, addresses: Object.values(SERVER) },
      hops: [{ instances: POOL }],
    },
  ]);
  mouth = new Mouth(world, 'client');
}, 120_000);
afterAll(async () => {
  await mouth?.close();
  await world?.close();
});

const packetOf = (family: 4 | 6, sourcePort: number): Buffer => {
  const packet = {
    source: CLIENT[family],
    destination: SERVER[family],
    protocol: PROTOCOL.udp,
    payload: ports(sourcePort, 4000, Buffer.from([0, 8, 0, 0])),
  };
  return ethernet({
    source: '06:00:00:00:00:01',
    destination: '06:00:00:00:00:02',
    type: family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6,
    payload: family === 4 ? ipv4(packet) : ipv6(packet),
  });
};

/** How often frames were passed on, and dropped for want of an instance, on all nodes. */
async function counts(): Promise<{ readonly bounced: number; readonly hopDown: number }> {
  let bounced = 0;
  let hopDown = 0;
  for (const node of NODES) {
    bounced += await world.events(node, 'bounced');
    hopDown += (await world.drops(node)).hop_down ?? 0;
  }
  return { bounced, hopDown };
}

const arrived = async (ear: Ear) =>
  (await ear.heard()).filter(({ frame }) => parseFrame(frame)?.protocol === PROTOCOL.udp).length;
const makeDeaf = async (name: string) => {
  await world.exec(name, ['nft', '-f', '-'], DEAF);
  const index = POOL.indexOf(name);
  await until(async () => (await world.health(NODES[index]!)).down.includes(index + 1));
};

test('frames for an instance that is down on its node go on to another one, and none is lost', async () => {
  const ear = await Ear.open(world, 'server');
  await makeDeaf('p2');
  for (const [round, family] of FAMILIES.entries()) {
    const before = await counts();
    for (let index = 0; index < PACKETS; index++)
      await mouth.say(packetOf(family, 1000 + 100 * round + index));
    expect(await arrived(ear)).toBe(PACKETS);
    const after = await counts();
    // About a quarter of the flows is due to it.
    expect(after.bounced - before.bounced).toBeGreaterThan(0);
    expect(after.hopDown).toBe(before.hopDown);
  }
  await ear.close();
});

test('a frame that no node has an instance for is passed on three times, and then dropped and counted', async () => {
  for (const name of ['p1', 'p3', 'p4']) await makeDeaf(name);
  for (const [round, family] of FAMILIES.entries()) {
    const before = await counts();
    await mouth.say(packetOf(family, 3000 + round));
    await until(async () => (await counts()).hopDown > before.hopDown);
    expect(await counts()).toEqual({ bounced: before.bounced + MAX_BOUNCES, hopDown: before.hopDown + 1 });
  }
});
