// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { decodeHop, encodeHopKey, MAX_HOPS } from '../../../agent/render/generated/layout.ts';
import { until } from '../packets/until.ts';
import type { ChainPlan, InstancePlan } from '../world/resources.ts';
import { World } from '../world/world.ts';
import { Flows, startEcho, TRACK, trackedFlows } from './traffic.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const CLIENT = ['10.20.0.1', 'fd20::1'];
const SERVER = ['10.20.0.2', 'fd20::2'];
const PORT = 7000;
const FIRST = ['a1', 'a2', 'a3'];
const SECOND = ['b1', 'b2'];

function chain(first: readonly (string | InstancePlan)[], second = SECOND): ChainPlan {
  return {
    name: 'chain',
    network: 'shop',
    pathId: 7,
    from: { any: false, addresses: CLIENT },
    to: { any: false, addresses: SERVER },
    hops: [{ instances: first }, { instances: second }],
  };
}

/** How many instances of the first hop take new flows, by the client's node: each must have answered a probe first. */
async function instancesInUse(world: World): Promise<number> {
  const key = encodeHopKey({ path: 7, slot: 0 });
  const banks = [key, encodeHopKey({ path: 7, slot: MAX_HOPS })].map((each) =>
    Buffer.from(each).toString('hex'),
  );
  const hops = (await world.dumpMap('one', 'hops')).filter((entry) =>
    banks.includes(Buffer.from(entry.key).toString('hex')),
  );
  return Math.max(0, ...hops.map(({ value }) => decodeHop(value).count));
}

describe('two hops of replicas over three nodes', () => {
  let world: World;
  let client: Flows;
  let stopServer: () => void;

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two', 'three'], objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: CLIENT });
    await world.addPod({ name: 'server', node: 'two', network: 'shop', addresses: SERVER });
    for (const [index, node] of ['one', 'two', 'three'].entries()) {
      await world.addInstance({ name: `a${index + 1}`, node, id: index + 1, function: 'a' });
    }
    await world.addInstance({ name: 'b1', node: 'three', id: 11, function: 'b' });
    await world.addInstance({ name: 'b2', node: 'one', id: 12, function: 'b' });
    for (const name of [...FIRST, ...SECOND]) await world.exec(name, ['nft', '-f', '-'], TRACK);
    stopServer = await startEcho(world, 'server', PORT);
    client = new Flows(world, 'client');
  }, 120_000);
  afterAll(async () => {
    await client?.close();
    stopServer?.();
    await world?.close();
  });

  afterEach(async () => {
    await client.run({ do: 'close' });
    // The last words of its connections are still under way, and connection tracking takes one for a flow anew.
    await new Promise((resolve) => setTimeout(resolve, 250));
    // A port that comes again is another flow: nothing of this one may be left, in the instances or on the nodes.
    for (const name of [...FIRST, ...SECOND]) await world.try(name, ['conntrack', '-F']);
    for (const node of ['one', 'two', 'three']) await world.deleteFlows(node);
  });

  /** Which instance of `names` has each flow, by its client's port; fails when two have it, or one only one way. */
  const places = async (protocol: 'tcp' | 'udp', names: readonly string[], ports: readonly number[]) => {
    const found = new Map<number, string>();
    for (const name of names) {
      for (const flow of await trackedFlows(world, name, { protocol, port: PORT })) {
        if (!ports.includes(flow.port)) continue;
        expect(found.get(flow.port), `flow ${flow.port} at two instances`).toBeUndefined();
        expect(flow.bothWays, `flow ${flow.port} at ${name}`).toBe(true);
        found.set(flow.port, name);
      }
    }
    return found;
  };

  const cases = (['TCP', 'UDP'] as const).flatMap((protocol) =>
    [SERVER[0]!, SERVER[1]!].map((host) => ({ protocol, host })),
  );

  test.each(cases)(
    '$protocol flows to $host stay where they are when instances come, and new ones use them',
    async ({ protocol, host }) => {
      const kind = protocol === 'TCP' ? 'tcp' : 'udp';
      await world.setChains([chain(['a1'])]);
      const old = await client.run({ do: 'open', protocol, host, port: PORT, count: 60 });
      expect(old.failures).toEqual([]);
      await world.setChains([chain(FIRST)]);
      await until(async () => (await instancesInUse(world)) === FIRST.length);
      const pinged = await client.run({ do: 'ping' });
      expect(pinged.failures).toEqual([]);
      const fresh = await client.run({ do: 'open', protocol, host, port: PORT, count: 90 });
      expect(fresh.failures).toEqual([]);
      const all = [...old.ports, ...fresh.ports];
      const first = await places(kind, FIRST, all);
      for (const port of old.ports) expect(first.get(port)).toBe('a1');
      const shares = FIRST.map((name) => fresh.ports.filter((port) => first.get(port) === name).length);
      // 90 flows over three: 30 each, standard deviation 4.5.
      for (const share of shares) expect(share).toBeGreaterThan(10);
      const second = await places(kind, SECOND, all);
      for (const port of [...old.ports, ...fresh.ports]) expect(second.get(port)).toBeDefined();
    },
  );

  test('an instance that drains keeps its flows and gets no new ones', async () => {
    await world.setChains([chain(FIRST)]);
    const old = await client.run({ do: 'open', protocol: 'TCP', host: SERVER[0]!, port: PORT, count: 60 });
    const before = await places('tcp', FIRST, old.ports);
    await world.setChains([chain([{ name: 'a1', state: 'Draining' }, 'a2', 'a3'])]);
    const fresh = await client.run({ do: 'open', protocol: 'TCP', host: SERVER[0]!, port: PORT, count: 60 });
    expect((await client.run({ do: 'ping' })).failures).toEqual([]);
    const after = await places('tcp', FIRST, [...old.ports, ...fresh.ports]);
    for (const port of old.ports) expect(after.get(port)).toBe(before.get(port));
    expect(fresh.ports.map((port) => after.get(port))).not.toContain('a1');
    expect(old.ports.map((port) => after.get(port))).toContain('a1');
  });

  test('an instance of weight 0 gets no new flows, one of twice the weight gets twice as many', async () => {
    await world.setChains([
      chain([
        { name: 'a1', weight: 0 },
        { name: 'a2', weight: 200 },
        { name: 'a3', weight: 100 },
      ]),
    ]);
    const { ports } = await client.run({
      do: 'open',
      protocol: 'UDP',
      host: SERVER[0]!,
      port: PORT,
      count: 300,
    });
    const first = await places('udp', FIRST, ports);
    const share = (name: string) => ports.filter((port) => first.get(port) === name).length;
    expect(share('a1')).toBe(0);
    // Of 300: 200 and 100, standard deviation 8.
    expect(share('a2')).toBeGreaterThan(165);
    expect(share('a2')).toBeLessThan(235);
  });

  test('flows whose entries were lost on every node go the same way again, both directions', async () => {
    await world.setChains([chain(FIRST)]);
    const { ports } = await client.run({
      do: 'open',
      protocol: 'UDP',
      host: SERVER[1]!,
      port: PORT,
      count: 60,
    });
    const first = await places('udp', FIRST, ports);
    const second = await places('udp', SECOND, ports);
    for (const node of ['one', 'two', 'three']) expect(await world.deleteFlows(node)).toBeGreaterThan(0);
    expect((await client.run({ do: 'ping' })).failures).toEqual([]);
    const firstAgain = await places('udp', FIRST, ports);
    const secondAgain = await places('udp', SECOND, ports);
    for (const port of ports) {
      expect(firstAgain.get(port)).toBe(first.get(port));
      expect(secondAgain.get(port)).toBe(second.get(port));
    }
  });

  test('an instance that is gone hands its flows to the others, and its flows alone', async () => {
    await world.setChains([chain(FIRST)]);
    const { ports } = await client.run({
      do: 'open',
      protocol: 'UDP',
      host: SERVER[0]!,
      port: PORT,
      count: 60,
    });
    const before = await places('udp', FIRST, ports);
    await world.setChains([chain(['a1', 'a2'])]);
    await world.removePod('a3');
    expect((await client.run({ do: 'ping' })).failures).toEqual([]);
    const after = await places('udp', ['a1', 'a2'], ports);
    for (const port of ports) {
      if (before.get(port) === 'a3') expect(after.get(port)).toBeDefined();
      else expect(after.get(port)).toBe(before.get(port));
    }
  });
});
