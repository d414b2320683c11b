// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CTX_F_PROBE, CTX_F_REPLY } from '../../../api/context/generated/context.ts';
import { FRAMES_OPEN, FRAMES_TABLE } from '../../../functions/custom/frames-table.ts';
import { FRAME_IS_CHAINS, frameHas } from '../../../functions/shared/nft/context.ts';
import { World } from '../world/world.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const TALK = new URL('../packets/talk.py', import.meta.url).pathname;
const CLIENT = '10.20.0.1';
const NEAR = '10.20.0.2';
const FAR = '10.20.0.3';
/** Other things may be going on on this machine. */
const PATIENCE = { timeout: 20_000, interval: 100 };
const INSTANCES = ['near', 'far'] as const;

/** What an image does that passes on frames: the smallest is a bridge of the kernel. */
const BRIDGE = `ip link add br0 type bridge mcast_snooping 0
for side in left right; do ip link set $side master br0; done
ip link set br0 up`;

/** Counts frames by the interface and the way, as the context in their address says it. */
const SEEN = `
table netdev seen {
  counter left { }
  counter right { }
  counter wrong { }
  chain left {
    type filter hook ingress device "left" priority 0;
    ${frameHas(CTX_F_PROBE | CTX_F_REPLY, 0)} counter name "left" accept
    ${FRAME_IS_CHAINS} counter name "wrong"
  }
  chain right {
    type filter hook ingress device "right" priority 0;
    ${frameHas(CTX_F_PROBE | CTX_F_REPLY, CTX_F_REPLY)} counter name "right" accept
    ${FRAME_IS_CHAINS} counter name "wrong"
  }
}`;

/** Sends an IPv4 packet out of `right` in a frame for this address. */
const SEND = `import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("right", 0x0800))
ip = bytes.fromhex("45000014000000004000" + "0000" + "0a140001" + "0a140003")
s.send(bytes.fromhex(sys.argv[1] + "0600000000010800") + ip)`;

const SAY = `import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (sys.argv[1], 7001))`;

/** Packets by the name of their counter. */
type Counts = Readonly<Record<string, number>>;

describe('functions that pass on frames between left and right', () => {
  let world: World;

  const counters = async (name: string, table: string): Promise<Counts> => {
    const text = await world.exec(name, ['nft', '-j', 'list', 'counters', 'table', ...table.split(' ')]);
    const { nftables } = JSON.parse(text) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    return Object.fromEntries(
      nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])),
    );
  };
  const ping = (address: string, count = 5) =>
    world
      .exec('client', ['ping', '-c', String(count), '-i', '0.05', '-W', '1', address])
      .catch((error: { stdout: string }) => error.stdout);

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two'], objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    const pod = { network: 'shop' };
    await world.addPod({ ...pod, name: 'client', node: 'one', addresses: [CLIENT, 'fd20::1'] });
    await world.addPod({ ...pod, name: 'near-server', node: 'one', addresses: [NEAR, 'fd20::2'] });
    await world.addPod({ ...pod, name: 'far-server', node: 'two', addresses: [FAR, 'fd20::3'] });
    for (const [index, node] of ['one', 'two'].entries()) {
      const name = INSTANCES[index]!;
      await world.addInstance({ name, node, id: index + 1, kind: 'CustomFunction', interface: 'left' });
      await world.exec(name, ['sh', '-ec', BRIDGE]);
      await world.exec(name, ['nft', '-f', '-'], `${SEEN}\n${FRAMES_OPEN}`);
    }
    await world.setChains([
      {
        name: 'chain',
        network: 'shop',
        pathId: 7,
        from: { any: false, addresses: [CLIENT, 'fd20::1'] },
        to: { any: true },
        hops: [...INSTANCES],
      },
    ]);
  }, 90_000);
  afterAll(() => world?.close());

  test.each([
    ['on the same node', NEAR],
    ['on the same node, IPv6', 'fd20::2'],
    ['on another node', FAR],
    ['on another node, IPv6', 'fd20::3'],
  ])('packets go in at left, replies at right, to a server %s', async (_, address) => {
    const before = await Promise.all(INSTANCES.map((name) => counters(name, 'netdev seen')));
    expect(await ping(address)).toContain('5 received');
    const after = await Promise.all(INSTANCES.map((name) => counters(name, 'netdev seen')));
    for (const [index, { left, right, wrong }] of after.entries()) {
      expect(left! - before[index]!.left!).toBe(5);
      expect(right! - before[index]!.right!).toBe(5);
      expect(wrong).toBe(0);
    }
  });

  test('our table counts what goes in and out, and no probes', async () => {
    const before = await counters('near', FRAMES_TABLE);
    await ping(FAR);
    const after = await counters('near', FRAMES_TABLE);
    expect(after.in! - before.in!).toBe(10);
    expect(after.out! - before.out!).toBe(10);
  });

  test('large segments cross it whole', async () => {
    const sink = world.spawn('far-server', ['python3', TALK, 'sink', '7000']);
    await vi.waitFor(
      async () => expect(await world.exec('far-server', ['ss', '-tln'])).toContain(':7000'),
      PATIENCE,
    );
    expect(await world.exec('client', ['python3', TALK, 'pour', FAR, '7000', '20000000'])).toContain(
      '20000000',
    );
    await sink;
  });

  test('a frame that leaves by the interface at which it arrived is dropped', async () => {
    const before = (await world.drops('one')).wrong_context ?? 0;
    // Sends back what comes in at left as it is: a reply would have another context.
    await world.exec('near', [
      'sh',
      '-ec',
      'tc qdisc add dev left clsact; tc filter add dev left ingress protocol ip u32 match u32 0 0 action mirred egress redirect dev left',
    ]);
    try {
      expect(await ping(FAR, 3)).toContain('0 received');
      expect((await world.drops('one')).wrong_context ?? 0).toBeGreaterThanOrEqual(before + 3);
    } finally {
      await world.exec('near', ['tc', 'qdisc', 'del', 'dev', 'left', 'clsact']);
    }
  });

  test('a frame that names another instance goes nowhere', async () => {
    const before = (await world.drops('one')).wrong_context ?? 0;
    // Forward, path 7, position 0: but for instance 2.
    await world.exec('near', ['python3', '-c', SEND, '0a0000070002']);
    await vi.waitFor(async () => expect((await world.drops('one')).wrong_context).toBe(before + 1), PATIENCE);
  });

  test('a packet for an address of the pod itself is not taken by the pod', async () => {
    // The tests before have kept its probes from it, for which it is out of use for a second.
    await vi.waitFor(async () => expect((await world.health('one')).down).toEqual([]), PATIENCE);
    await world.exec('near', ['ip', 'addr', 'add', `${FAR}/32`, 'dev', 'lo']);
    const own = world.spawn('near', ['python3', TALK, 'echo', '7001']);
    try {
      await vi.waitFor(
        async () => expect(await world.exec('near', ['ss', '-uln'])).toContain(':7001'),
        PATIENCE,
      );
      const taken = () => world.exec('near', ['sh', '-c', "awk '/^Udp: [0-9]/ {print $2}' /proc/net/snmp"]);
      const [before, entered] = await Promise.all([taken(), counters('near', 'netdev seen')]);
      // At once, since without its bridge the instance will be down in a moment.
      await world.exec('near', ['ip', 'link', 'set', 'left', 'nomaster']);
      await world.exec('client', ['python3', '-c', SAY, FAR]);
      expect((await counters('near', 'netdev seen')).left).toBe(entered.left! + 1);
      expect(await taken()).toBe(before);
    } finally {
      own.kill();
      await world.exec('near', ['ip', 'link', 'set', 'left', 'master', 'br0']);
      await world.exec('near', ['ip', 'addr', 'del', `${FAR}/32`, 'dev', 'lo']);
    }
    await vi.waitFor(async () => expect((await world.health('one')).down).toEqual([]), PATIENCE);
  });

  test('an instance whose sides are not joined any more is down, and in use again when they are', async () => {
    await world.exec('near', ['ip', 'link', 'set', 'right', 'nomaster']);
    await vi.waitFor(async () => expect((await world.health('one')).down).toEqual([1]), PATIENCE);
    await world.exec('near', ['ip', 'link', 'set', 'right', 'master', 'br0']);
    await vi.waitFor(async () => expect((await world.health('one')).down).toEqual([]), PATIENCE);
    expect(await ping(FAR)).toContain('5 received');
  });

  test('another agent takes both interfaces over while packets flow', async () => {
    const pinging = world.exec('client', ['ping', '-c', '60', '-i', '0.05', '-W', '1', FAR]);
    await world.restartAgent('one');
    expect(await pinging).toContain('60 received');
    expect((await world.health('one')).down).toEqual([]);
  });

  test('an instance that is gone leaves no interface behind', async () => {
    await world.setChains([]);
    await world.removePod('near');
    const ports = await world.dumpMap('one', 'ports');
    expect(ports.length).toBe(2);
  });
});
