// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeMacFrom } from '../../../api/context/context.ts';
import { errorSource } from '../../../api/context/instance.ts';
import { IS_PROBE } from '../../../functions/shared/nft/context.ts';
import { ETHERTYPE, ethernet, ipv4, ipv6, PROTOCOL, ports } from '../../packets/frame.ts';
import { skipWhere } from '../../support/needs.ts';
import { World } from '../world/world.ts';
import { until } from './until.ts';
import { Ear, Mouth, parseFrame } from './wire.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const TALK = join(import.meta.dirname, 'talk.py');
const FAMILIES = [4, 6] as const;
const CLIENT = { 4: '10.20.0.1', 6: 'fd20::1' } as const;
const SERVER = { 4: '10.20.0.2', 6: 'fd20::2' } as const;
const NODES = ['one', 'two', 'three'];

/** A firewall by hand: its kernel puts fragments together, since it must know their ports. */
const ONLY_7000 = `table inet guard {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ${IS_PROBE} accept comment "probes of the agent"
    ct state established,related accept
    udp dport 7000 accept
    tcp dport 5201 accept
    udp dport 33434 accept
    meta l4proto { icmp, icmpv6, sctp } accept
  }
}`;

/** Where it has not, frames show that its packets are carried, and test/packets that they are classified and pinned. */
const { exitCode } = await execa('python3', ['-c', 'import socket;socket.socket(2,1,132)'], {
  reject: false,
});
const hasSctp = exitCode === 0;

let world: World;
beforeAll(async () => {
  world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
  await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: Object.values(CLIENT) });
  await world.addPod({ name: 'server', node: 'two', network: 'shop', addresses: Object.values(SERVER) });
  await world.addPod({ name: 'other', node: 'one', network: 'shop', addresses: ['10.20.0.9', 'fd20::9'] });
  for (const [index, node] of ['two', 'three', 'one'].entries()) {
    await world.addInstance({ name: `f${index + 1}`, node, id: index + 1 });
  }
  await world.exec('f2', ['nft', '-f', '-'], ONLY_7000);
  await world.setChains([
    {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: { any: false, addresses: Object.values(CLIENT) },
      to: { any: false, addresses: Object.values(SERVER) },
      hops: ['f1', 'f2', 'f3'],
    },
  ]);
}, 120_000);
afterAll(() => world?.close());

/** Drops of each node by reason; what a pod's kernel says of itself at any time is not asked for. */
const drops = async (): Promise<object[]> => {
  const each = await Promise.all(NODES.map((node) => world.drops(node)));
  return each.map(({ multicast: _, ...reasons }) => reasons);
};

describe.each(FAMILIES)('three functions on three nodes, over IPv%i', (family) => {
  const target = SERVER[family];

  test('are seen by traceroute one after the other, by the one who asked alone', async () => {
    const ear = await Ear.open(world, 'other');
    const EXCEEDED = { 4: '11 0', 6: '3 0' } as const;
    for (const hops of [1, 2, 3]) {
      const said = await world.exec('client', ['python3', TALK, 'ttl', target, '33434', String(hops)]);
      expect(said).toBe(`${EXCEEDED[family]} ${errorSource[family]}`);
    }
    const UNREACHABLE = { 4: '3 3', 6: '1 4' } as const;
    expect(await world.exec('client', ['python3', TALK, 'ttl', target, '33434', '4'])).toBe(
      `${UNREACHABLE[family]} ${target}`,
    );
    expect((await ear.heard()).filter(({ frame }) => parseFrame(frame) !== undefined)).toEqual([]);
    await ear.close();
  });

  test('pass fragments on, also one that puts them together, and lose none', async () => {
    const server = world.spawn('server', ['python3', TALK, 'echo', '7000']);
    await until(() => world.try('server', ['bash', '-c', 'ss -Hlun | grep -q :7000']));
    const before = await drops();
    for (const size of ['1500', '4000', '20000']) {
      expect(await world.exec('client', ['python3', TALK, 'datagram', target, '7000', size])).toBe(size);
    }
    expect(
      await world.exec('client', ['ping', '-s', '3000', '-c', '3', '-i', '0.05', '-W', '2', target]),
    ).toContain('3 received');
    expect(await drops()).toEqual(before);
    server.kill('SIGKILL');
    await server;
  });

  test('hold back the later fragments of what the firewall drops as well', async () => {
    const ear = await Ear.open(world, 'server');
    expect(await world.try('client', ['python3', TALK, 'datagram', target, '7009', '4000'])).toBe(false);
    expect((await ear.heard()).filter(({ frame }) => comesFrom(frame, CLIENT[family]))).toEqual([]);
    await ear.close();
  });

  test('carry TCP over nodes without cutting it up, and lose nothing', async () => {
    const bytes = 48 * 1024 * 1024;
    const server = world.spawn('server', ['python3', TALK, 'sink', '5201']);
    await until(() => world.try('server', ['bash', '-c', 'ss -Hltn | grep -q :5201']));
    const before = { drops: await drops(), packets: await received('server'), again: await retransmitted() };
    expect(await world.exec('client', ['python3', TALK, 'pour', target, '5201', String(bytes)])).toBe(
      String(bytes),
    );
    await server;
    const packets = (await received('server')) - before.packets;
    // A segment has at most 1410 bytes; the kernels hand on many at once.
    expect(bytes / packets).toBeGreaterThan(4_000);
    expect(await drops()).toEqual(before.drops);
    // 1% of about 35,000 segments; on a busy machine a queue of the underlay may overflow.
    expect((await retransmitted()) - before.again).toBeLessThan(350);
  });

  test(
    'carry an association of SCTP',
    skipWhere(hasSctp ? undefined : 'this kernel has no SCTP'),
    async () => {
      const server = world.spawn('server', ['python3', TALK, 'sctp-echo', '2905']);
      await until(() => world.try('client', ['python3', TALK, 'sctp-ask', target, '2905', '8000']));
      await server;
    },
  );

  test('carry SCTP, by frames: this kernel need not speak it', async () => {
    const ear = await Ear.open(world, 'server');
    // An INIT chunk (RFC 9260 3.3.2); the checksum is for the server alone.
    const chunk = Buffer.from('00000000000000000100001400000001000100000001000100000001', 'hex');
    const packet = {
      source: CLIENT[family],
      destination: target,
      protocol: PROTOCOL.sctp,
      payload: ports(2905, 2905, chunk),
    };
    const frame = ethernet({
      source: '06:00:00:00:00:01',
      destination: '06:00:00:00:00:02',
      type: family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6,
      payload: family === 4 ? ipv4(packet) : ipv6(packet),
    });
    const mouth = new Mouth(world, 'client');
    await mouth.say(frame);
    await mouth.close();
    const heard = (await ear.heard()).filter((each) => parseFrame(each.frame)?.protocol === PROTOCOL.sctp);
    await ear.close();
    expect(heard).toHaveLength(1);
    // From the last function: its position on the path and its id.
    expect(heard[0]!.frame.subarray(6, 12)).toEqual(
      Buffer.from(encodeMacFrom({ path: 7, position: 2, instance: 3 })),
    );
    expect(parseFrame(heard[0]!.frame)!.payload.subarray(0, 4)).toEqual(ports(2905, 2905, Buffer.alloc(0)));
  });
});

const comesFrom = (frame: Buffer, address: string): boolean => {
  const parsed = parseFrame(frame);
  const family = address.includes(':') ? 6 : 4;
  if (parsed?.family !== family) return false;
  const ends = { source: address, destination: address, protocol: 0, payload: Buffer.alloc(0) };
  return parsed.source.equals(family === 4 ? ipv4(ends).subarray(12, 16) : ipv6(ends).subarray(8, 24));
};

async function received(pod: string): Promise<number> {
  const [link] = JSON.parse(await world.exec(pod, ['ip', '-s', '-j', 'link', 'show', 'net1'])) as [
    { stats64: { rx: { packets: number } } },
  ];
  return link.stats64.rx.packets;
}

async function retransmitted(): Promise<number> {
  const output = await world.exec('client', ['cat', '/proc/net/snmp']);
  const [names, values] = output.split('\n').filter((line) => line.startsWith('Tcp:'));
  return Number(values?.split(' ')[names?.split(' ').indexOf('RetransSegs') ?? 0]);
}
