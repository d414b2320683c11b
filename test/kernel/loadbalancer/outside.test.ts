// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceChain, ServiceChainSpec } from '../../../api/index.ts';
import type { Family } from '../../../api/net/address.ts';
import { parseRange } from '../../../api/net/range.ts';
import { renderRuleset } from '../../../functions/loadbalancer/render.ts';
import { IS_CHAINS, IS_CHAINS_FORWARD, IS_CHAINS_REPLY } from '../../../functions/shared/nft/context.ts';
import { compileWays } from '../../../operator/compile/function/ways.ts';
import { removeNamespace } from '../../../tools/netns/remove.ts';
import { run } from '../firewall/shell.ts';
import type { ChainPlan } from '../world/resources.ts';
import {
  type BalancerWorld,
  createBalancerWorld,
  FAMILIES,
  NODES,
  OWN_CHAIN,
  picture,
  SERVERS,
  VIP,
} from './bed.ts';
import { Host } from './host.ts';

// security.md: outside-evades-chain
// Clients outside the network reach the instances at the pods' own addresses, as a Kubernetes Service leads them.

/** Each instance has a wire of its own to the client. */
const ENDS = {
  l1: { 4: ['192.168.1.1', '192.168.1.2'], 6: ['fd99:1::1', 'fd99:1::2'] },
  l2: { 4: ['192.168.2.1', '192.168.2.2'], 6: ['fd99:2::1', 'fd99:2::2'] },
} as const;
const INSTANCES = ['l1', 'l2'] as const;
const MTU = 1450;
/** Addresses of the network that the client takes for itself. */
const OWN = { 4: '10.20.0.77', 6: 'fd20::77' } as const;
/** What a firewall sees of the client, by direction, and from its second wire; probes left out. */
const FIREWALL = `table inet seen {
  counter there { }
  counter back { }
  counter second { }
  counter pretender-4 { }
  counter pretender-6 { }
  chain forward {
    type filter hook forward priority 0;
    ${IS_CHAINS_FORWARD} ip saddr ${OWN[4]} counter name "pretender-4"
    ${IS_CHAINS_FORWARD} ip6 saddr ${OWN[6]} counter name "pretender-6"
    ${IS_CHAINS_FORWARD} ip saddr 192.168.2.0/24 counter name "second"
    ${IS_CHAINS_FORWARD} ip6 saddr fd99:2::/64 counter name "second"
    ${IS_CHAINS_FORWARD} ip saddr 192.168.0.0/16 counter name "there"
    ${IS_CHAINS_REPLY} ip daddr 192.168.0.0/16 counter name "back"
    ${IS_CHAINS_FORWARD} ip6 saddr fd99::/16 counter name "there"
    ${IS_CHAINS_REPLY} ip6 daddr fd99::/16 counter name "back"
  }
}`;
const SHUT = `table inet shut {
  chain forward { type filter hook forward priority 10; ${IS_CHAINS} counter drop; }
}`;
const OPEN = 'delete table inet shut';
/** What a firewall behind the load balancer sees, with the load balancer's address as source. */
const BEHIND = `table inet behind {
  counter met { }
  chain forward { type filter hook forward priority 0; ip saddr ${VIP[4]} counter name "met"; ip6 saddr ${VIP[6]} counter name "met"; }
}`;
const LB = { kind: 'LoadBalancer', name: 'web', onFailure: 'Closed' } as const;
const FW = { kind: 'Firewall', name: 'edge', onFailure: 'Closed' } as const;
const SUBNETS = ['10.20.0.0/16', 'fd20::/64'].map(parseRange);

describe('clients outside the network', () => {
  let bed: BalancerWorld;
  let client: Host;
  const outside = `out${process.pid}`;

  beforeAll(async () => {
    bed = await createBalancerWorld();
    const { world } = bed;
    await world.addInstance({ name: 'f1', node: 'three', id: 9, function: 'edge' });
    await world.exec('f1', ['nft', '-f', '-'], `${FIREWALL}\n${BEHIND}`);
    await run('ip', 'netns', 'add', outside);
    for (const name of INSTANCES) {
      const [own, other] = [ENDS[name][4], ENDS[name][6]];
      const inside = `ip link add eth0 type veth peer name ${name} netns ${outside}
ip addr add ${own[0]}/24 dev eth0; ip addr add ${other[0]}/64 dev eth0 nodad; ip link set eth0 up
ip addr add ${VIP[4]}/32 dev lo; ip addr add ${VIP[6]}/128 dev lo nodad
ip -4 rule add pref 2 from ${VIP[4]} iif lo lookup 100; ip -6 rule add pref 2 from ${VIP[6]} iif lo lookup 100`;
      await world.exec(name, ['sh', '-ec', inside]);
      const peer = `ip addr add ${own[1]}/24 dev ${name}; ip addr add ${other[1]}/64 dev ${name} nodad; ip link set ${name} up`;
      await run('ip', 'netns', 'exec', outside, 'sh', '-ec', peer);
    }
    client = new Host(outside);
  }, 120_000);
  afterAll(async () => {
    client?.close();
    await bed?.close();
    await removeNamespace(outside);
  });

  /** The load balancer's own chain and one of a person, on the nodes and in the instances. */
  const follow = async (
    spec: Pick<ServiceChainSpec, 'functions' | 'from'>,
    { own, person: personId, outside: outsideId } = { own: OWN_CHAIN.pathId, person: 12, outside: 13 },
    subnets = SUBNETS,
  ): Promise<void> => {
    const hops = spec.functions.map((ref) => ({ instances: ref === LB ? ['l1', 'l2'] : ['f1'] }));
    const { straight: _, listeners: __, ...plain } = OWN_CHAIN;
    const person: ChainPlan = { ...plain, name: 'guarded', pathId: personId, priority: 1000, hops };
    const through: ChainPlan = {
      ...person,
      name: 'guarded/outside',
      pathId: outsideId,
      from: { any: false },
      hops: [{ instances: ['l1', 'l2'] }, ...hops],
    };
    await bed.world.setChains([{ ...OWN_CHAIN, pathId: own }, person, through]);
    const to = [{ loadBalancer: 'web' }];
    const { outside } = compileWays({
      balancer: { name: 'web', network: 'shop', isExposed: true, addresses: Object.values(VIP) },
      others: () => undefined,
      chains: [
        chain('web.lb', { priority: -1, to, functions: [LB] }, { pathId: own }),
        chain('guarded', { to, ...spec }, { pathId: personId, outsidePathId: outsideId }),
      ],
      own: subnets,
    });
    for (const [index, table] of bed.tables.entries()) {
      const ports = { first: 1024 + index * 1000, last: 2023 + index * 1000 };
      await table.apply(renderRuleset({ ...picture, outside: { entries: outside!, ports, mtu: MTU } }));
    }
  };
  const ask = async (family: Family, count = 12) => {
    const all = [];
    for (const name of INSTANCES) {
      const host = ENDS[name][family][0];
      all.push(...(await client.tcp({ host, port: 80, count })));
      all.push(...(await client.udp({ host, port: 53, count })));
    }
    return all.map(({ answer, error }) => answer ?? error);
  };
  const packets = (name: string, table = 'seen') => bed.world.packets('f1', { table, name });
  const passes = (family: Family, answers: readonly (string | undefined)[]) => {
    for (const answer of answers) expect(answer).toMatch(new RegExp(`^s[123] ${VIP[family]}$`));
    expect(new Set(answers.map((answer) => answer!.split(' ')[0]))).toEqual(new Set(SERVERS));
  };

  describe.each(FAMILIES)('IPv%i', (family) => {
    test('pass a firewall before the balancer with their own address, both ways', async () => {
      await follow({ functions: [FW, LB] });
      const [there, back] = [await packets('there'), await packets('back')];
      passes(family, await ask(family));
      expect((await packets('there')) - there).toBeGreaterThan(60);
      expect((await packets('back')) - back).toBeGreaterThan(60);
    });

    test('get answers to whole datagrams of UDP only: fragments are dropped', async () => {
      await follow({ functions: [LB] });
      const key = `fragments-${family}`;
      const opened = await client.open({ key, host: ENDS.l1[family][0], port: 53, udp: true });
      expect(opened).toHaveProperty('answer');
      expect(await client.say(key, 'w'.repeat(1300))).toHaveProperty('answer');
      expect(await client.say(key, 'f'.repeat(2000), 500)).toHaveProperty('error');
      expect(await client.say(key, 'and on')).toHaveProperty('answer');
    });

    test('do not pass one that drops all, neither with a connection that is open', async () => {
      await follow({ functions: [FW, LB] });
      const [key, host] = [`open-${family}`, ENDS.l1[family][0]];
      expect(await client.open({ key, host, port: 80 })).toHaveProperty('answer');
      expect(await client.say(key, 'here')).toMatchObject({ answer: 'here' });
      for (const node of NODES) await bed.world.deleteFlows(node);
      expect(await client.say(key, 'pins are lost')).toMatchObject({ answer: 'pins are lost' });
      await bed.world.exec('f1', ['nft', '-f', '-'], SHUT);
      expect(await client.say(key, 'still?', 500)).toHaveProperty('error');
      for (const name of INSTANCES) {
        const opened = await client.open({
          key: `shut-${name}-${family}`,
          host: ENDS[name][family][0],
          port: 80,
          patienceMs: 500,
        });
        expect(opened).toHaveProperty('error');
      }
      await bed.world.exec('f1', ['nft', '-f', '-'], OPEN);
    });

    test.each([
      ['smaller', { own: 11, person: 12, outside: 13 }],
      ['larger', { own: 12, person: 11, outside: 10 }],
    ])('pass a firewall behind it too, where the id of its own path is %s', async (_, ids) => {
      await follow({ functions: [LB, FW] }, ids);
      const before = await packets('met', 'behind');
      passes(family, await ask(family));
      expect((await packets('met', 'behind')) - before).toBeGreaterThan(60);
    });

    test.each([
      ['the balancer alone', [LB]],
      ['a firewall before it', [FW, LB]],
    ])('lose their flows at the next packet when it is no longer exposed, with %s', async (_, functions) => {
      await follow({ functions });
      const host = ENDS.l1[family][0];
      const tcp = `exposed-${functions.length}-${family}`;
      const udp = `${tcp}-udp`;
      expect(await client.open({ key: tcp, host, port: 80 })).toHaveProperty('answer');
      expect(await client.open({ key: udp, host, port: 53, udp: true })).toHaveProperty('answer');
      for (const table of bed.tables) await table.apply(renderRuleset(picture));
      expect(await client.say(tcp, 'still?')).toMatchObject({ error: 'ECONNRESET' });
      expect(await client.say(udp, 'still?')).toMatchObject({ error: 'ECONNREFUSED' });
    });

    test('who are in no `from` take the balancer’s own chain', async () => {
      const cidr = family === 4 ? '192.168.1.0/24' : 'fd99:1::/64';
      await follow({ functions: [FW, LB], from: [{ cidr }] });
      const before = await packets('second');
      const asked = { port: 80, count: 4 };
      const answers = await client.tcp({ host: ENDS.l2[family][0], ...asked });
      expect(answers.every(({ answer }) => answer !== undefined)).toBe(true);
      // Connections of earlier tests may still send again, by the first wire.
      expect(await packets('second')).toBe(before);
      const first = await packets('there');
      await client.tcp({ host: ENDS.l1[family][0], ...asked });
      expect((await packets('there')) - first).toBeGreaterThan(4);
    });

    test('do not reach a firewall with an address of the network', async () => {
      const own = `${OWN[family]}/${family === 4 ? 32 : 128}`;
      const host = ENDS.l1[family][0];
      const set = `ip addr add ${own} dev lo ${family === 6 ? 'nodad' : ''}
ip -${family} route add ${host} dev l1 src ${OWN[family]}`;
      await run('ip', 'netns', 'exec', outside, 'sh', '-ec', set);
      const open = (key: string) => client.open({ key, host, port: 80, patienceMs: 500 });
      await follow({ functions: [FW, LB] });
      await open(`own-${family}`);
      expect(await packets(`pretender-${family}`)).toBe(0);
      // The same packets reach it where the address is nobody's on the network.
      await follow({ functions: [FW, LB] }, undefined, []);
      await open(`not-own-${family}`);
      expect(await packets(`pretender-${family}`)).toBeGreaterThan(0);
      await run('ip', 'netns', 'exec', outside, 'ip', `-${family}`, 'route', 'del', host, 'dev', 'l1');
    });
  });
});

function chain(
  name: string,
  spec: Partial<ServiceChainSpec>,
  status: NonNullable<ServiceChain['status']>,
): ServiceChain {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: { namespace: 'test', name, uid: name, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { network: 'shop', priority: 1000, establishedFlows: 'Through', functions: [LB], ...spec },
    status,
  } as ServiceChain;
}
