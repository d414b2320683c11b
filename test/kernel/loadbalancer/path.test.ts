// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFlowKey } from '../../../agent/render/generated/layout.ts';
import { IS_CHAINS_FORWARD, IS_CHAINS_REPLY } from '../../../functions/shared/nft/context.ts';
import type { World } from '../world/world.ts';
import {
  type BalancerWorld,
  createBalancerWorld,
  FAMILIES,
  NODES,
  OWN_CHAIN,
  PODS,
  SERVERS,
  VIP,
} from './bed.ts';

/** Packets of each direction, probes left out. */
const COUNT_WAYS = `table inet seen {
  counter there { }
  counter back { }
  chain forward {
    type filter hook forward priority 0;
    ${IS_CHAINS_FORWARD} counter name "there"
    ${IS_CHAINS_REPLY} counter name "back"
  }
}`;

const countBy = (answers: readonly { answer?: string; error?: string }[], part: 0 | 1) =>
  Map.groupBy(answers, ({ answer, error }) => answer?.split(' ')[part] ?? error ?? '');

describe('a load balancer of two instances, over three nodes', () => {
  let bed: BalancerWorld;
  let world: World;
  let hosts: BalancerWorld['hosts'];

  beforeAll(async () => {
    bed = await createBalancerWorld();
    ({ world, hosts } = bed);
    await world.addInstance({ name: 'f1', node: 'three', id: 9, function: 'edge' });
    await world.exec('f1', ['nft', '-f', '-'], COUNT_WAYS);
  }, 120_000);
  afterAll(() => bed?.close());

  describe.each(FAMILIES)('IPv%i', (family) => {
    const host = VIP[family];

    test('reaches backends on every node, which see the client', async () => {
      for (const answers of [
        await hosts.client.tcp({ host, port: 80, count: 200 }),
        await hosts.client.udp({ host, port: 53, count: 200 }),
      ]) {
        expect([...countBy(answers, 0).keys()].sort()).toEqual([...SERVERS]);
        expect([...countBy(answers, 1).keys()]).toEqual([PODS.client[family]]);
      }
    });

    test('is reached from every node, and by a backend that reaches itself', async () => {
      for (const name of SERVERS) {
        const answers = await hosts[name].tcp({ host, port: 80, count: 60 });
        expect([...countBy(answers, 0).keys()].sort()).toEqual([...SERVERS]);
      }
    });

    test('refuses at once what nobody serves', async () => {
      const [{ error, ms } = { ms: 0 }] = await hosts.client.tcp({ host, port: 81, count: 1 });
      expect(error).toContain('ECONNREFUSED');
      expect(ms).toBeLessThan(1000);
    });

    test('leaves flows that go to its backends past it alone, with equal ports too', async () => {
      for (const name of SERVERS) {
        const answers = await hosts.client.tcp({ host: PODS[name][family], port: 8080, count: 5 });
        expect([...countBy(answers, 0).keys()]).toEqual([name]);
      }
    });

    test('keeps connections whose pins are lost', async () => {
      const keys = Array.from({ length: 24 }, (_, index) => `${family}-pins-${index}`);
      for (const key of keys)
        expect(await hosts.client.open({ key, host, port: 80 })).not.toHaveProperty('error');
      for (const node of NODES)
        await world.deleteFlows(node, ({ key }) => decodeFlowKey(key).path === OWN_CHAIN.pathId);
      const said = await Promise.all(keys.map((key) => hosts.client.say(key, 'here')));
      expect(said.map(({ answer, error }) => answer ?? error)).toEqual(keys.map(() => 'here'));
    });

    test('behind a firewall: the chain of a person takes the flows, both ways, and back', async () => {
      const key = `${family}-moved`;
      await hosts.client.open({ key, host, port: 80 });
      const person = {
        ...OWN_CHAIN,
        name: 'guarded',
        pathId: 12,
        priority: 1000,
        straight: false,
        listeners: [],
        from: { any: false, addresses: [PODS.client[family]] },
        hops: [{ instances: ['f1'] }, { instances: ['l1', 'l2'] }],
      };
      await world.setChains([OWN_CHAIN, person]);
      expect(await hosts.client.say(key, 'through it')).toMatchObject({ answer: 'through it' });
      const answers = await hosts.client.tcp({ host, port: 80, count: 60 });
      expect([...countBy(answers, 0).keys()].sort()).toEqual([...SERVERS]);
      for (const way of ['there', 'back']) {
        expect(await world.packets('f1', { table: 'seen', name: way }), way).toBeGreaterThan(180);
      }
      await world.setChains([OWN_CHAIN]);
      expect(await hosts.client.say(key, 'round it')).toMatchObject({ answer: 'round it' });
    });
  });

  const unknownDestinations = async () => (await world.drops('one')).unknown_destination ?? 0;

  test('an instance that goes takes no flow along, also where only its own node knows yet', async () => {
    const keys = FAMILIES.flatMap((family) =>
      Array.from({ length: 16 }, (_, index) => ({ key: `going-${family}-${index}`, host: VIP[family] })),
    );
    for (const [index, { key, host }] of keys.entries()) {
      const udp = index % 2 === 0;
      const { error } = await hosts.client.open({ key, host, port: udp ? 53 : 80, udp });
      expect(error).toBeUndefined();
    }
    await world.command('two', { kind: 'detach', portKey: 'test/l2' });
    const said = await Promise.all(keys.map(({ key }) => hosts.client.say(key, 'still there?')));
    expect(said.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test('nothing of it is left in a network without such a path', async () => {
    await world.setChains([]);
    const before = await unknownDestinations();
    const opened = await hosts.client.open({ key: 'nobody', host: VIP[4], port: 80, patienceMs: 500 });
    expect(opened.error).toBeDefined();
    expect(await unknownDestinations()).toBeGreaterThan(before);
    const answers = await hosts.client.tcp({ host: PODS.s2[4], port: 8080, count: 5 });
    expect([...countBy(answers, 0).keys()]).toEqual(['s2']);
  });
});
