// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFlow, decodeFlowKey } from '../../../agent/render/generated/layout.ts';
import { World } from '../world/world.ts';
import { COUNT_DIRECTIONS } from './directions.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const NODES = ['one', 'two', 'three'];
const CLIENT = ['10.20.0.1', 'fd20::1'];
const SERVER = ['10.20.0.3', 'fd20::3'];
const DIRECT = ['10.20.0.9', 'fd20::9'];
const PATH = 7;
const FAMILIES = [
  ['IPv4', 0],
  ['IPv6', 1],
] as const;
/** The longest payload of a ping that fits: 1500 bytes of the underlay less the encapsulation over IPv6. */
const LONGEST = [1430 - 28, 1430 - 48];
const PATIENCE = { timeout: 30_000, interval: 100 };

/** Says ten words from one port, so that they are of one flow. */
const SAY = `
import socket, sys
to = sys.argv[1]
s = socket.socket(socket.AF_INET6 if ':' in to else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 7000))
for _ in range(10):
    try: s.sendto(b'word', (to, 53))
    except ConnectionRefusedError: pass
`;

describe('on nodes with IPv6 addresses only', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300, underlay: 6 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    for (const [name, node, addresses] of [
      ['client', 'one', CLIENT],
      ['server', 'two', SERVER],
      ['direct', 'two', DIRECT],
    ] as const) {
      await world.addPod({ name, node, network: 'shop', addresses });
    }
    await world.addInstance({ name: 'guard', node: 'three', id: 1 });
    await world.exec('guard', ['nft', '-f', '-'], COUNT_DIRECTIONS);
    await world.setChains([
      {
        name: 'chain',
        network: 'shop',
        pathId: PATH,
        straight: true,
        from: { any: false, addresses: CLIENT },
        to: { any: false, addresses: SERVER },
        hops: ['guard'],
      },
    ]);
  }, 90_000);
  afterAll(() => world?.close());

  const ping = (address: string, ...more: readonly string[]) =>
    world.exec('client', ['ping', '-c', '3', '-i', '0.05', '-W', '2', ...more, address]);
  const seen = (name: string) => world.packets('guard', { table: 'seen', name });

  test.each(FAMILIES)('pods reach each other across nodes, over %s', async (_, at) => {
    expect(await ping(DIRECT[at]!)).toContain('3 received');
  });

  test.each(FAMILIES)('a packet that fills the MTU arrives whole, over %s', async (_, at) => {
    expect(await ping(DIRECT[at]!, '-M', 'do', '-s', String(LONGEST[at]))).toContain('3 received');
    const tooLong = ['ping', '-c', '1', '-W', '1', '-M', 'do', '-s', String(LONGEST[at]! + 1), DIRECT[at]!];
    expect(await world.try('client', tooLong)).toBe(false);
  });

  test.each(FAMILIES)(
    'a chain leads through the function of a third node, and back through it, over %s',
    async (_, at) => {
      const before = [await seen('forward'), await seen('reply')];
      expect(await ping(SERVER[at]!)).toContain('3 received');
      const after = [await seen('forward'), await seen('reply')];
      expect(after.map((count, index) => count - before[index]!)).toEqual([3, 3]);
    },
  );

  test.each(FAMILIES)('an accepted flow is confirmed to the sender’s node, over %s', async (_, at) => {
    const confirmed = async (): Promise<boolean> => {
      await world.exec('client', ['python3', '-c', SAY, SERVER[at]!]);
      return (await world.dumpMap('one', 'flows')).some(({ key, value }) => {
        const { path, low, lowPort, highPort } = decodeFlowKey(key);
        const isV4 = low[10] === 0xff && low[11] === 0xff;
        const isOurs = path === PATH && [lowPort, highPort].includes(7000) && isV4 === (at === 0);
        return isOurs && decodeFlow(value).straightUntil !== 0;
      });
    };
    await expect.poll(confirmed, PATIENCE).toBe(true);
  });

  test('nodes hear each other, and miss one that is cut off', async () => {
    const unreachable = async () => (await world.health('one')).unreachable;
    await expect.poll(unreachable, PATIENCE).toEqual([]);
    await world.setNode('three', 'down');
    try {
      await expect.poll(unreachable, PATIENCE).toEqual(['three']);
    } finally {
      await world.setNode('three', 'up');
    }
    await expect.poll(unreachable, PATIENCE).toEqual([]);
  });
});
