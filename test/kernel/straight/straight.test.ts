// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MARK_PROBE } from '../../../api/context/generated/context.ts';
import { hex, IS_PROBE } from '../../../functions/shared/nft/context.ts';
import { Flows, startEcho } from '../replicas/traffic.ts';
import type { ChainPlan } from '../world/resources.ts';
import { World } from '../world/world.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const CLIENT = ['10.20.0.1', 'fd20::1'];
/** One on the client's node, one on another. */
const SERVERS = { near: ['10.20.0.2', 'fd20::2'], far: ['10.20.0.3', 'fd20::3'] } as const;
const NODES = ['one', 'two', 'three'];
const PORT = 7000;
const REFUSED = 7001;
const BULK = 7002;
const BYTES = 64 << 20;

/** A stateful firewall as people write it by hand; probes of the data path carry a mark of their own. */
const FIREWALL = `
table inet filter {
  counter seen {}
  chain forward {
    type filter hook forward priority 0; policy drop;
    ${IS_PROBE} accept
    counter name seen
    ct state established,related accept
    ct state invalid drop
    meta l4proto { tcp, udp } th dport { ${PORT}, ${BULK} } accept
  }
}`;

/** Says how much came until the stream's end, which it waits for no longer than ten seconds. */
const RECEIVE = `
import socket, sys
server = socket.create_server((sys.argv[1], int(sys.argv[2])))
server.settimeout(10)
stream, _ = server.accept()
stream.settimeout(10)
total = 0
while part := stream.recv(1 << 20):
    total += len(part)
print(total)`;

const SEND = `
import socket, sys, time
for attempt in range(50):
    try:
        stream = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
stream.sendall(bytes(int(sys.argv[3])))
stream.close()`;

function chain(hops: readonly string[], straight = true): ChainPlan {
  return {
    name: 'chain',
    network: 'shop',
    pathId: 9,
    straight,
    from: { any: false, addresses: CLIENT },
    to: { any: false, addresses: [...SERVERS.near, ...SERVERS.far] },
    hops,
  };
}

/** STRAIGHT_FOR of agent/bpf/learn.h. */
const STRAIGHT_FOR_MS = 4_300;
/** No answer by then is none: what became of the packet is asserted besides, by counters. */
const SILENCE_MS = 400;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('established flows on a chain that lets them go straight', () => {
  let world: World;
  let client: Flows;
  const stops: (() => void)[] = [];

  beforeAll(async () => {
    world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: CLIENT });
    await world.addPod({ name: 'near', node: 'one', network: 'shop', addresses: SERVERS.near });
    await world.addPod({ name: 'far', node: 'two', network: 'shop', addresses: SERVERS.far });
    for (const [index, node] of ['three', 'one', 'two'].entries()) {
      const name = `f${index + 1}`;
      await world.addInstance({ name, node, id: index + 1 });
      await world.exec(name, ['nft', '-f', '-'], FIREWALL);
    }
    for (const pod of ['near', 'far']) {
      stops.push(await startEcho(world, pod, PORT), await startEcho(world, pod, REFUSED));
    }
    client = new Flows(world, 'client');
  }, 120_000);
  afterAll(async () => {
    await client?.close();
    for (const stop of stops) stop();
    await world?.close();
  });
  afterEach(async () => {
    await client.run({ do: 'close' });
    for (const node of NODES) await world.deleteFlows(node);
  });

  const seen = (instance: string): Promise<number> =>
    world.packets(instance, { table: 'filter', name: 'seen' });
  const ping = async (times: number) => {
    for (let turn = 0; turn < times; turn++) expect((await client.run({ do: 'ping' })).failures).toEqual([]);
  };
  /** Of one flow that nobody shall answer any more. */
  const pingInVain = async () => (await client.run({ do: 'ping', patienceMs: SILENCE_MS })).failures;
  const hopDown = async (): Promise<number> => {
    const drops = await Promise.all(NODES.map((node) => world.drops(node)));
    return drops.reduce((sum, each) => sum + (each.hop_down ?? 0), 0);
  };
  const open = (host: string, protocol: 'TCP' | 'UDP' = 'UDP', port = PORT) =>
    client.run({ do: 'open', protocol, host, port, count: 1 });

  const cases = (['UDP', 'TCP'] as const).flatMap((protocol) =>
    (['near', 'far'] as const).flatMap((place) => SERVERS[place].map((host) => ({ protocol, place, host }))),
  );

  test.each(cases)(
    '$protocol to $host ($place) leaves out the functions once they let it pass',
    async ({ protocol, host }) => {
      await world.setChains([chain(['f1', 'f2'])]);
      const before = await seen('f1');
      expect((await open(host, protocol)).failures).toEqual([]);
      await ping(3);
      const met = (await seen('f1')) - before;
      expect(met).toBeGreaterThanOrEqual(2);
      await ping(100);
      // 200 packets and more; at most some of them renewed the confirmation.
      expect((await seen('f1')) - before - met).toBeLessThan(40);
      expect((await seen('f2')) - before).toBeGreaterThan(0);
    },
  );

  test('without the chain asking for it every packet goes through', async () => {
    await world.setChains([chain(['f1', 'f2'], false)]);
    const before = await seen('f1');
    await open(SERVERS.far[0]);
    await ping(50);
    expect((await seen('f1')) - before).toBeGreaterThanOrEqual(100);
  });

  test('a flow that a function refuses never gets through, however often it tries', async () => {
    await world.setChains([chain(['f1', 'f2'])]);
    const before = { refused: await seen('f1'), passed: await seen('f2') };
    const what = { protocol: 'UDP', host: SERVERS.far[0], port: REFUSED, count: 1 } as const;
    expect((await client.run({ do: 'open', ...what, patienceMs: SILENCE_MS })).failures).toEqual(['timeout']);
    for (let attempt = 0; attempt < 3; attempt++) expect(await pingInVain()).toEqual(['timeout']);
    // All of them came to the function that refuses them, and none behind it.
    expect((await seen('f1')) - before.refused).toBeGreaterThanOrEqual(4);
    expect(await seen('f2')).toBe(before.passed);
  });

  test('a connection that moved much while no function looked still ends in order', async () => {
    await world.setChains([chain(['f1', 'f2'])]);
    await world.exec('f1', ['conntrack', '-F']);
    const receive = world.spawn('far', ['python3', '-c', RECEIVE, SERVERS.far[0], String(BULK)]);
    await world.exec('client', ['python3', '-c', SEND, SERVERS.far[0], String(BULK), String(BYTES)]);
    // The receiver saw the end of the stream: its FIN went through functions that had not seen what was before it.
    expect((await receive).stdout).toBe(String(BYTES));
    const tracked = await world.exec('f1', ['conntrack', '-L', '-p', 'tcp', '--dport', String(BULK)]);
    expect(tracked).toMatch(/TIME_WAIT|CLOSE|LAST_ACK/);
    expect(tracked).not.toContain('ESTABLISHED');
  });

  test('a function that joins the chain sees the next packet', async () => {
    await world.setChains([chain(['f1', 'f2'])]);
    await open(SERVERS.far[0]);
    await ping(10);
    const before = await seen('f3');
    await world.setChains([chain(['f1', 'f2', 'f3'])]);
    await ping(1);
    expect((await seen('f3')) - before).toBeGreaterThan(0);
  });

  test('a hop that has no instance any more stops them at once', async () => {
    await world.setChains([chain(['f1', 'f2'])]);
    await open(SERVERS.far[0]);
    await ping(10);
    await world.setChains([chain(['f1', ''])]);
    const before = await hopDown();
    expect(await pingInVain()).toEqual(['timeout']);
    expect((await hopDown()) - before).toBe(1);
  });

  test('a function that begins to refuse them ends them within seconds', async () => {
    await world.setChains([chain(['f1', 'f2'])]);
    await open(SERVERS.far[0]);
    await ping(10);
    await world.exec('f1', [
      'nft',
      'insert',
      'rule',
      'inet',
      'filter',
      'forward',
      `meta mark & ${hex(MARK_PROBE)} == 0 drop`,
    ]);
    const began = performance.now();
    while (performance.now() - began < STRAIGHT_FOR_MS) {
      await pause(100);
      await client.run({ do: 'ping', patienceMs: SILENCE_MS });
    }
    // What is sent so long after the change meets the function, however busy the machine is.
    for (let attempt = 0; attempt < 2; attempt++) expect(await pingInVain()).toEqual(['timeout']);
    await world.exec('f1', ['nft', 'flush', 'chain', 'inet', 'filter', 'forward']);
  });
});
