import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFlowKey } from '../../../agent/render/generated/layout.ts';
import type { Picture } from '../../../functions/loadbalancer/picture.ts';
import { renderRuleset } from '../../../functions/loadbalancer/render.ts';
import { CounterTotals } from '../../../functions/shared/nft/counters.ts';
import { KernelTable } from '../../../functions/shared/nft/kernel-table.ts';
import { createNft } from '../../../functions/shared/nft/nft.ts';
import { World } from '../world/world.ts';
import { Host } from './host.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const FAMILIES = [4, 6] as const;
const VIP = { 4: '10.20.0.100', 6: 'fd20::100' } as const;
/** `client` and `s1` share a node; `s2` is on the other, and `s3` on one without an instance. */
const PODS = {
  client: { node: 'one', 4: '10.20.0.1', 6: 'fd20::1' },
  s1: { node: 'one', 4: '10.20.0.2', 6: 'fd20::2' },
  s2: { node: 'two', 4: '10.20.0.3', 6: 'fd20::3' },
  s3: { node: 'three', 4: '10.20.0.4', 6: 'fd20::4' },
} as const;
const SERVERS = ['s1', 's2', 's3'] as const;
const NODES = ['one', 'two', 'three'];
const EVERYTHING = { any: true } as const;
const BALANCER = { any: false, addresses: Object.values(VIP) };

const picture: Picture = {
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

/** Packets of each direction, probes left out. */
const COUNT_WAYS = `table inet seen {
  counter there { }
  counter back { }
  chain forward {
    type filter hook forward priority 0;
    meta mark & 0xe0000000 == 0x80000000 counter name "there"
    meta mark & 0xe0000000 == 0xa0000000 counter name "back"
  }
}`;

const countBy = (answers: readonly { answer?: string; error?: string }[], part: 0 | 1) =>
  Map.groupBy(answers, ({ answer, error }) => answer?.split(' ')[part] ?? error ?? '');

describe('a load balancer of two instances, over three nodes', () => {
  let world: World;
  const hosts: Record<string, Host> = {};
  const own = {
    name: 'web.lb',
    network: 'shop',
    pathId: 11,
    priority: -1,
    from: EVERYTHING,
    to: BALANCER,
    virtual: Object.values(VIP),
    hops: [{ instances: ['l1', 'l2'] }],
  };

  beforeAll(async () => {
    world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
    for (const [name, { node, 4: v4, 6: v6 }] of Object.entries(PODS)) {
      const pod = await world.addPod({ name, node, network: 'shop', addresses: [v4, v6] });
      hosts[name] = new Host(pod.netns);
    }
    for (const [index, node] of ['one', 'two'].entries()) {
      const name = `l${index + 1}`;
      const { netns } = await world.addInstance({
        name,
        node,
        id: index + 1,
        function: 'web',
        kind: 'LoadBalancer',
      });
      const nft = createNft(['ip', 'netns', 'exec', netns, 'nft']);
      const table = new KernelTable({
        nft,
        counters: new CounterTotals(nft),
        log: pino({ level: 'silent' }),
      });
      await table.open();
      await table.apply(renderRuleset(picture));
    }
    await world.addInstance({ name: 'f1', node: 'three', id: 9, function: 'edge' });
    await world.exec('f1', ['nft', '-f', '-'], COUNT_WAYS);
    await world.setChains([own]);
    for (const name of SERVERS) await hosts[name]!.serve(name, [8080]);
  }, 120_000);
  afterAll(async () => {
    for (const host of Object.values(hosts)) host.close();
    await world?.close();
  });

  describe.each(FAMILIES)('IPv%i', (family) => {
    const host = VIP[family];

    test('reaches backends on every node, which see the client', async () => {
      for (const answers of [
        await hosts.client!.tcp({ host, port: 80, count: 200 }),
        await hosts.client!.udp({ host, port: 53, count: 200 }),
      ]) {
        expect([...countBy(answers, 0).keys()].sort()).toEqual([...SERVERS]);
        expect([...countBy(answers, 1).keys()]).toEqual([PODS.client[family]]);
      }
    });

    test('is reached from every node, and by a backend that reaches itself', async () => {
      for (const name of SERVERS) {
        const answers = await hosts[name]!.tcp({ host, port: 80, count: 60 });
        expect([...countBy(answers, 0).keys()].sort()).toEqual([...SERVERS]);
      }
    });

    test('refuses at once what nobody serves', async () => {
      const [{ error, ms } = { ms: 0 }] = await hosts.client!.tcp({ host, port: 81, count: 1 });
      expect(error).toContain('ECONNREFUSED');
      expect(ms).toBeLessThan(1000);
    });

    test('leaves flows that go to its backends past it alone, with equal ports too', async () => {
      for (const name of SERVERS) {
        const answers = await hosts.client!.tcp({ host: PODS[name][family], port: 8080, count: 5 });
        expect([...countBy(answers, 0).keys()]).toEqual([name]);
      }
    });

    test('keeps connections whose pins are lost', async () => {
      const keys = Array.from({ length: 24 }, (_, index) => `${family}-pins-${index}`);
      for (const key of keys)
        expect(await hosts.client!.open({ key, host, port: 80 })).not.toHaveProperty('error');
      for (const node of NODES)
        await world.deleteFlows(node, ({ key }) => decodeFlowKey(key).path === own.pathId);
      const said = await Promise.all(keys.map((key) => hosts.client!.say(key, 'here')));
      expect(said.map(({ answer, error }) => answer ?? error)).toEqual(keys.map(() => 'here'));
    });

    test('behind a firewall: the chain of a person takes the flows, both ways, and back', async () => {
      const key = `${family}-moved`;
      await hosts.client!.open({ key, host, port: 80 });
      const person = {
        ...own,
        name: 'guarded',
        pathId: 12,
        priority: 1000,
        from: { any: false, addresses: [PODS.client[family]] },
        hops: [{ instances: ['f1'] }, { instances: ['l1', 'l2'] }],
      };
      await world.setChains([own, person]);
      expect(await hosts.client!.say(key, 'through it')).toMatchObject({ answer: 'through it' });
      const answers = await hosts.client!.tcp({ host, port: 80, count: 60 });
      expect([...countBy(answers, 0).keys()].sort()).toEqual([...SERVERS]);
      for (const way of ['there', 'back']) {
        const counter = await world.exec('f1', ['nft', 'list', 'counter', 'inet', 'seen', way]);
        expect(Number(/packets (\d+)/.exec(counter)?.[1]), way).toBeGreaterThan(180);
      }
      await world.setChains([own]);
      expect(await hosts.client!.say(key, 'round it')).toMatchObject({ answer: 'round it' });
    });
  });

  test('an instance that goes takes no flow along, also where only its own node knows yet', async () => {
    const keys = FAMILIES.flatMap((family) =>
      Array.from({ length: 16 }, (_, index) => ({ key: `going-${family}-${index}`, host: VIP[family] })),
    );
    for (const [index, { key, host }] of keys.entries()) {
      const udp = index % 2 === 0;
      const { error } = await hosts.client!.open({ key, host, port: udp ? 53 : 80, udp });
      expect(error).toBeUndefined();
    }
    await world.command('two', { kind: 'detach', portKey: 'test/l2' });
    const said = await Promise.all(keys.map(({ key }) => hosts.client!.say(key, 'still there?')));
    expect(said.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test('nothing of it is left in a network without such a path', async () => {
    await world.setChains([]);
    const [{ error } = {}] = await hosts.client!.tcp({ host: VIP[4], port: 80, count: 1 });
    expect(error).toBeDefined();
    const answers = await hosts.client!.tcp({ host: PODS.s2[4], port: 8080, count: 5 });
    expect([...countBy(answers, 0).keys()]).toEqual(['s2']);
  });
});
