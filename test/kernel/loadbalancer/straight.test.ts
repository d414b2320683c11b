// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { IS_CHAINS } from '../../../functions/shared/nft/context.ts';
import type { World } from '../world/world.ts';
import {
  type BalancerWorld,
  createBalancerWorld,
  FAMILIES,
  NODES,
  OWN_CHAIN,
  PODS,
  picture,
  VIP,
} from './bed.ts';
import { BULK, PORT_AGAIN, SAME_PORT, TALK } from './clients.ts';

const INSTANCES = ['l1', 'l2'] as const;
/** What goes through an instance, probes left out. */
const COUNT = `table inet seen {
  counter met { }
  chain forward {
    type filter hook forward priority -300;
    ${IS_CHAINS} counter name "met"
  }
}`;
const KINDS = (['TCP', 'UDP'] as const).flatMap((protocol) =>
  FAMILIES.map((family) => ({ protocol, family })),
);
/** So many that chance leaves no server without one: one time in 60,000. */
const FLOWS = 30;
const WORDS = 60;
const SILENCE_MS = 500;

describe('established flows of a load balancer', () => {
  let bed: BalancerWorld;
  let world: World;
  let hosts: BalancerWorld['hosts'];

  beforeAll(async () => {
    bed = await createBalancerWorld();
    ({ world, hosts } = bed);
    for (const name of INSTANCES) await world.exec(name, ['nft', '-f', '-'], COUNT);
  }, 120_000);
  afterAll(() => bed?.close());
  afterEach(async () => {
    await bed.apply(picture);
    await world.setChains([OWN_CHAIN]);
  });

  /** Packets that went through the balancer up to now. */
  const seen = async (): Promise<number> => {
    const counts = INSTANCES.map((name) => world.packets(name, { table: 'seen', name: 'met' }));
    return (await Promise.all(counts)).reduce((sum, each) => sum + each, 0);
  };
  const openFlows = async (name: string, { protocol, family }: (typeof KINDS)[number]) => {
    const [udp, port] = protocol === 'UDP' ? [true, 53] : [false, 80];
    const keys = Array.from({ length: FLOWS }, (_, index) => `${name}-${protocol}-${family}-${index}`);
    const servers: string[] = [];
    for (const key of keys) {
      const { answer, error } = await hosts.client.open({ key, host: VIP[family], port, udp });
      expect(error).toBeUndefined();
      servers.push(answer!.split(' ')[0]!);
    }
    return { keys, servers };
  };
  const hopDown = async (): Promise<number> => {
    const drops = await Promise.all(NODES.map((node) => world.drops(node)));
    return drops.reduce((sum, each) => sum + (each.hop_down ?? 0), 0);
  };
  const sayAll = (keys: readonly string[], word: string) =>
    Promise.all(keys.map((key) => hosts.client.say(key, word)));

  test.each(KINDS)(
    '$protocol over IPv$family goes past it, with the addresses that it gives',
    async (kind) => {
      const before = await seen();
      const { protocol, family } = kind;
      const talk = [TALK, protocol, VIP[family], String(FLOWS), String(WORDS)];
      expect((await world.exec('client', ['python3', '-c', ...talk])).trim()).toBe('s1 s2 s3');
      const met = (await seen()) - before;
      // Two packets a word at least; now and then one goes through, to be confirmed.
      expect(met).toBeGreaterThan(FLOWS);
      expect(met).toBeLessThan((FLOWS * WORDS * 2) / 4);
    },
  );

  test.each(KINDS)(
    '$protocol over IPv$family is refused or reset at once when its server is gone',
    async (kind) => {
      const opened = await openFlows('gone', kind);
      // A kernel sends one host six ICMP errors at once and then one a second.
      const others = opened.keys.filter((_, at) => opened.servers[at] !== 's2');
      const its = opened.keys.filter((_, at) => opened.servers[at] === 's2').slice(0, 4);
      const keys = [...its, ...others];
      for (let word = 0; word < 10; word += 1) await sayAll(keys, 'before');
      const gone = PODS.s2[kind.family];
      await bed.apply({
        ...picture,
        backends: picture.backends.map((each) =>
          each.address === gone ? { ...each, takes: false, keeps: false } : each,
        ),
      });
      // TRANSLATE_FOR of agent/bpf/learn.h
      await sleep(150);
      const said = await sayAll(keys, 'after');
      const isBroken = said.map(({ error }) => error === 'ECONNRESET' || error === 'ECONNREFUSED');
      expect(its.length).toBeGreaterThan(0);
      expect(isBroken).toEqual([...its.map(() => true), ...others.map(() => false)]);
    },
  );

  test.each(FAMILIES)(
    'over IPv%i a connection on a port that another had a moment ago is its own',
    async (family) => {
      expect((await world.exec('client', ['python3', '-c', SAME_PORT, VIP[family], '30'])).trim()).toBe('ok');
    },
  );

  test.each(FAMILIES)(
    'over IPv%i a port that had a connection can be used to a server directly',
    async (family) => {
      const servers = (['s1', 's2', 's3'] as const).map((name) => `${name}=${PODS[name][family]}`);
      const answer = await world.exec('client', ['python3', '-c', PORT_AGAIN, VIP[family], ...servers]);
      expect(answer.trim()).toBe('ok');
    },
  );

  test.each(FAMILIES)('over IPv%i a large stream comes whole, both ways', async (family) => {
    const answer = await world.exec('client', ['python3', '-c', BULK, VIP[family], String(32 << 20)]);
    expect(answer.trim()).toBe('same');
  });

  test('every packet goes through it where the chain does not say otherwise', async () => {
    const { straight: _, listeners: __, ...through } = OWN_CHAIN;
    await world.setChains([through]);
    const { keys } = await openFlows('through', { protocol: 'TCP', family: 4 });
    const before = await seen();
    for (let word = 0; word < 20; word += 1) await sayAll(keys, 'through');
    expect((await seen()) - before).toBeGreaterThanOrEqual(FLOWS * 20 * 2);
  });

  test('a balancer without an instance stops them at once', async () => {
    const { keys } = await openFlows('stopped', { protocol: 'TCP', family: 4 });
    for (let word = 0; word < 10; word += 1) await sayAll(keys, 'before');
    await world.setChains([{ ...OWN_CHAIN, hops: [''] }]);
    const before = await hopDown();
    const said = await Promise.all(keys.map((key) => hosts.client.say(key, 'after', SILENCE_MS)));
    expect(said.every(({ error }) => error !== undefined)).toBe(true);
    // What was said was dropped for that reason, so nobody waits long for an answer.
    expect((await hopDown()) - before).toBeGreaterThanOrEqual(FLOWS);
  });
});
