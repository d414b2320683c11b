// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeMark, instanceMac } from '../../../api/context/context.ts';
import { chainGateway, errorSource } from '../../../api/context/instance.ts';
import { formatMac } from '../../../api/net/mac.ts';
import {
  checksum,
  ETHERTYPE,
  ethernet,
  ipv4,
  ipv6,
  isIcmpv6Right,
  PROTOCOL,
  ports,
} from '../../packets/frame.ts';
import { World } from '../world/world.ts';
import { until } from './until.ts';
import { Ear, Mouth, parseFrame } from './wire.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const TALK = join(import.meta.dirname, 'talk.py');
const MTU = 1450;
const JUMBO = 9000;
const BYTES = 8 * 1024 * 1024;
const FAMILIES = [4, 6] as const;
type Family = (typeof FAMILIES)[number];
const ADDRESS = (index: number) => ({ 4: `10.20.0.${index}`, 6: `fd20::${index}` }) as const;
/** Pods by name: the first of each pair sends, and each pair is another way. */
const PODS = {
  a: { index: 1, node: 'one' },
  b: { index: 2, node: 'one' },
  c: { index: 3, node: 'one' },
  d: { index: 4, node: 'two' },
  e: { index: 5, node: 'one' },
  f: { index: 6, node: 'two' },
} as const;
type Pod = keyof typeof PODS;
const WAYS: readonly { readonly way: string; readonly from: Pod; readonly to: Pod }[] = [
  { way: 'on one node', from: 'a', to: 'b' },
  { way: 'across nodes', from: 'c', to: 'd' },
  { way: 'through functions', from: 'e', to: 'f' },
];
const CASES = WAYS.flatMap((way) => FAMILIES.map((family) => ({ ...way, family })));

let world: World;
beforeAll(async () => {
  world = await World.create({ nodes: ['one', 'two'], objectFile, probeIntervalMs: 300 });
  await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  for (const [name, { index, node }] of Object.entries(PODS)) {
    await world.addPod({ name, node, network: 'shop', addresses: Object.values(ADDRESS(index)) });
    // What a pod's owner may do at any time; the network carries no more for it.
    await world.exec(name, ['ip', 'link', 'set', 'net1', 'mtu', String(JUMBO)]);
  }
  await world.addInstance({ name: 'f1', node: 'one', id: 1 });
  await world.addInstance({ name: 'f2', node: 'two', id: 2, kind: 'CustomFunction' });
  await world.setChains([
    {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: { any: false, addresses: Object.values(ADDRESS(PODS.e.index)) },
      to: { any: false, addresses: Object.values(ADDRESS(PODS.f.index)) },
      hops: ['f1', 'f2'],
    },
  ]);
}, 120_000);
afterAll(() => world?.close());

const forget = async (pod: Pod) => {
  await world.exec(pod, ['ip', '-4', 'route', 'flush', 'cache']);
  await world.exec(pod, ['ip', '-6', 'route', 'flush', 'cached', 'table', '7200']);
};
const routeMtu = async (from: Pod, address: string) =>
  Number(/ mtu (\d+)/.exec(await world.exec(from, ['ip', 'route', 'get', address]))?.[1]);
const talk = (pod: Pod, ...args: readonly string[]) => world.exec(pod, ['python3', TALK, ...args]);

describe.each(CASES)('a pod that sends too much, $way over IPv$family', ({ from, to, family }) => {
  const target = ADDRESS(PODS[to].index)[family];

  test('learns the path MTU from its ping', async () => {
    await forget(from);
    const output = await world
      .exec(from, ['ping', '-M', 'do', '-s', '2000', '-c', '1', '-W', '2', target])
      .catch((error: { stdout: string }) => error.stdout);
    const words = family === 4 ? 'Frag needed and DF set (mtu = 1450)' : 'Packet too big: mtu=1450';
    expect(output).toContain(`From ${errorSource[family]} icmp_seq=1 ${words}`);
    expect(await routeMtu(from, target)).toBe(MTU);
  });

  test('has a connection that goes on, with segments that fit', async () => {
    await forget(from);
    const ear = await Ear.open(world, from);
    const server = world.spawn(to, ['python3', TALK, 'sink', '5201']);
    await until(() => world.try(to, ['bash', '-c', 'ss -Hltn | grep -q :5201']));
    const started = performance.now();
    expect(await talk(from, 'pour', target, '5201', String(BYTES))).toBe(String(BYTES));
    expect(performance.now() - started).toBeLessThan(10_000);
    await server;
    expect(await routeMtu(from, target)).toBe(MTU);
    const errors = (await ear.heard()).filter(({ frame }) => isTooBig(frame));
    await ear.close();
    expect(errors.length).toBeGreaterThan(0);
    // Made of packets whose checksum a device was to write, and yet whole.
    for (const { frame, isUnwritten } of errors) {
      expect(isUnwritten).toBe(false);
      expect(isRight(frame)).toBe(true);
    }
  });

  test('has datagrams that arrive once both ends know what fits: their kernels cut them', async () => {
    await forget(from);
    await forget(to);
    const server = world.spawn(to, ['python3', TALK, 'echo', '7000']);
    await until(() => world.try(to, ['bash', '-c', 'ss -Hlun | grep -q :7000']));
    // The first one finds out what fits, the first answer too.
    expect(await talk(from, 'overfill', target, '7000', '4000')).toBe(String(MTU));
    await talk(from, 'datagram', target, '7000', '4000', '0.05').catch(() => undefined);
    await until(async () => (await routeMtu(to, ADDRESS(PODS[from].index)[family])) === MTU);
    expect(await talk(from, 'datagram', target, '7000', '4000')).toBe('4000');
    server.kill('SIGKILL');
    await server;
  });

  test('is told by the size of the segments that it lets the kernel cut', async () => {
    await forget(from);
    const headers = family === 4 ? 28 : 48;
    const cut = (size: number, seconds: string) =>
      talk(from, 'segments', target, '7001', String(size), '20', seconds);
    expect(await cut(MTU - headers, '0.2')).toBe(String(JUMBO));
    expect(await cut(MTU - headers + 1, '5')).toBe(String(MTU));
  });
});

describe.each(FAMILIES)('a function that emits too much, over IPv%i', (family) => {
  const client = ADDRESS(PODS.e.index)[family];
  const server = ADDRESS(PODS.f.index)[family];
  const big = (source: string, sourcePort: number) =>
    ethernet({
      source: formatMac(instanceMac(2)),
      destination: chainGateway.mac,
      type: family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6,
      payload: (family === 4 ? ipv4 : ipv6)({
        source,
        destination: server,
        protocol: PROTOCOL.udp,
        payload: ports(
          sourcePort,
          7002,
          Buffer.concat([Buffer.from([0x0b, 0xb8, 0, 0]), Buffer.alloc(2996)]),
        ),
      }),
    });
  // Sent by the function itself, so its direction turns round: this is the reply direction of hop 1.
  const mark = encodeMark({ path: 7, position: 1, isReply: true });

  test('makes the error go back through itself, which knows what it had rewritten', async () => {
    const other = family === 4 ? '10.20.0.77' : 'fd20::77';
    await world.exec('f2', ['ip', 'link', 'set', 'chain0', 'mtu', String(JUMBO)]);
    await world.exec('f2', ['nft', '-f', '-'], rewriteSource(family, other));
    await forget('e');
    const ear = await Ear.open(world, 'e');
    const socket = world.spawn('e', ['python3', TALK, 'wait-error', server, '7002', '4444']);
    await until(async () => (await conntrack(family)).includes('sport=4444'));
    const mouth = new Mouth(world, 'f2', { device: 'chain0', mark });
    await mouth.say(big(other, 33_333));
    await mouth.close();
    const heard = (await ear.heard()).filter(({ frame }) => isTooBig(frame)).map(({ frame }) => frame);
    await ear.close();
    expect(heard).toHaveLength(1);
    const { payload } = parseFrame(heard[0]!)!;
    expect(isRight(heard[0]!)).toBe(true);
    const quoted = payload.subarray(8);
    // The quoted packet is the client's own again: its address and port, not those that the server sees.
    const ends = family === 4 ? quoted.subarray(12, 20) : quoted.subarray(8, 40);
    expect(ends).toEqual(endsOf(family, client, server));
    expect(quoted.readUInt16BE(family === 4 ? 20 : 40)).toBe(4444);
    expect((await socket).stdout).toBe(`${MTU}`);
    await world.exec('f2', ['nft', 'flush', 'ruleset']);
    const counters = await world.dumpMap('two', 'hop_drops');
    expect(counters.length).toBeGreaterThan(0);
  });
});

function rewriteSource(family: Family, address: string): string {
  const to = family === 4 ? `${address}:33333` : `[${address}]:33333`;
  return `table ${family === 4 ? 'ip' : 'ip6'} rewrite {
    chain out { type nat hook postrouting priority 100; udp dport 7002 snat to ${to}; }
  }`;
}

const conntrack = (family: Family) =>
  world.exec('f2', ['conntrack', '-L', '-f', family === 4 ? 'ipv4' : 'ipv6', '-p', 'udp']);

function endsOf(family: Family, source: string, destination: string): Buffer {
  const packet = { source, destination, protocol: 0, payload: Buffer.alloc(0) };
  return family === 4 ? ipv4(packet).subarray(12, 20) : ipv6(packet).subarray(8, 40);
}

function isTooBig(frame: Buffer): boolean {
  const parsed = parseFrame(frame);
  if (parsed?.protocol === PROTOCOL.icmp) return parsed.payload.readUInt16BE(0) === 0x0304;
  return parsed?.protocol === PROTOCOL.icmpv6 && parsed.payload.readUInt8(0) === 2;
}

function isRight(frame: Buffer): boolean {
  const { family, packet, payload } = parseFrame(frame)!;
  return family === 6
    ? isIcmpv6Right(packet)
    : checksum(packet.subarray(0, 20)) === 0 && checksum(payload) === 0;
}
