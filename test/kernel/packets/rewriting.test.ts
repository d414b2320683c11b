// SPDX-License-Identifier: Apache-2.0
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Flows, startEcho, TRACK, trackedFlows } from '../replicas/traffic.ts';
import { World } from '../world/world.ts';

// Both directions of a flow take the same instances, whatever a function in the middle does to addresses and ports. The
// one here is as bad as can be: it changes both ends, address and port, and chooses the source port by chance.

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const NODES = ['one', 'two', 'three'];
const FLOWS = 200;
const ECHO_PORT = 7000;
/** Each end knows the other by an alias: the client asks the server's at 8000, the server the client's at 9000. */
const CLIENT = { own: ['10.20.0.1', 'fd20::1'], alias: ['10.20.0.101', 'fd20::101'] } as const;
const SERVER = { own: ['10.20.0.2', 'fd20::2'], alias: ['10.20.0.102', 'fd20::102'] } as const;
const HOPS = {
  before: { a1: 'one', a2: 'three' },
  rewriting: { r1: 'one', r2: 'two', r3: 'three' },
  behind: { b1: 'two', b2: 'one' },
} as const;
const PORT = { client: 8000, server: 9000 } as const;
type Side = keyof typeof PORT;

/** Each instance has ports of its own, as such functions must: else two of them make one flow of two. */
const rewriteFor = (family: 0 | 1, first: number): string => {
  const ip = family === 0 ? 'ip' : 'ip6';
  const at = (address: string, port: string) =>
    family === 0 ? `${address}:${port}` : `[${address}]:${port}`;
  const rules = (kind: 'dnat' | 'snat', { from, to }: { from: string; to: string }, port: number) =>
    ['tcp', 'udp'].map((protocol) =>
      kind === 'dnat'
        ? `${ip} daddr ${from} ${protocol} dport ${port} dnat to ${at(to, String(ECHO_PORT))}`
        : `${ip} saddr ${from} ${protocol} dport ${ECHO_PORT} snat to ${at(to, `${first}-${first + 9999}`)} random`,
    );
  const client = { own: CLIENT.own[family], alias: CLIENT.alias[family] };
  const server = { own: SERVER.own[family], alias: SERVER.alias[family] };
  return `table ${ip} rewrite {
    chain in { type nat hook prerouting priority -100;
      ${rules('dnat', { from: server.alias, to: server.own }, PORT.client).join('\n')}
      ${rules('dnat', { from: client.alias, to: client.own }, PORT.server).join('\n')}
    }
    chain out { type nat hook postrouting priority 100;
      ${rules('snat', { from: client.own, to: client.alias }, PORT.client).join('\n')}
      ${rules('snat', { from: server.own, to: server.alias }, PORT.server).join('\n')}
    }
  }`;
};

const prefixes = (addresses: readonly string[]) =>
  addresses.map((address) => `${address}/${address.includes(':') ? 128 : 32}`);

let world: World;
const talkers: Partial<Record<Side, Flows>> = {};
const stops: (() => void)[] = [];

beforeAll(async () => {
  world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
  await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16', 'fd20::/64'] });
  for (const [name, node, { own, alias }] of [
    ['client', 'one', CLIENT],
    ['server', 'two', SERVER],
  ] as const) {
    await world.addPod({ name, node, network: 'shop', addresses: own, prefixes: prefixes(alias) });
  }
  let id = 0;
  for (const [hop, instances] of Object.entries(HOPS)) {
    const kind = hop === 'rewriting' ? 'CustomFunction' : 'Firewall';
    for (const [name, node] of Object.entries(instances)) {
      await world.addInstance({ name, node, id: ++id, function: hop, kind });
      const rules =
        hop === 'rewriting' ? `${rewriteFor(0, 10_000 * id)}\n${rewriteFor(1, 10_000 * id)}` : TRACK;
      await world.exec(name, ['nft', '-f', '-'], rules);
    }
  }
  await world.setChains([
    {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: { any: false, addresses: [...CLIENT.own, ...CLIENT.alias] },
      to: { any: false, addresses: [...SERVER.own, ...SERVER.alias] },
      hops: Object.values(HOPS).map((instances) => ({ instances: Object.keys(instances) })),
    },
  ]);
  for (const side of ['client', 'server'] as const) {
    stops.push(await startEcho(world, side, ECHO_PORT));
    talkers[side] = new Flows(world, side);
  }
}, 180_000);
afterAll(async () => {
  for (const talker of Object.values(talkers)) await talker.close();
  for (const stop of stops) stop();
  await world?.close();
});

const everyInstance = Object.values(HOPS).flatMap((instances) => Object.keys(instances));
afterEach(async () => {
  for (const talker of Object.values(talkers)) await talker.run({ do: 'close' });
  // What is still said in the end would begin an entry anew.
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (const name of everyInstance) await world.try(name, ['conntrack', '-F']);
});

/** What the instances of a hop have seen, flow by flow. */
async function seenBy(hop: keyof typeof HOPS, what: { protocol: 'tcp' | 'udp'; port: number }) {
  const each = await Promise.all(Object.keys(HOPS[hop]).map((name) => trackedFlows(world, name, what)));
  return { each, all: each.flat() };
}

const cases = (['client', 'server'] as const).flatMap((side) =>
  (['TCP', 'UDP'] as const).flatMap((protocol) =>
    ([0, 1] as const).map((family) => ({ side, protocol, family })),
  ),
);

describe.each(cases)(
  'flows of $protocol opened by the $side (address $family)',
  ({ side, protocol, family }) => {
    test('meet the same instances in both directions', async () => {
      const talker = talkers[side]!;
      const host = (side === 'client' ? SERVER : CLIENT).alias[family];
      const opened = await talker.run({ do: 'open', protocol, host, port: PORT[side], count: FLOWS });
      expect(opened.failures).toEqual([]);
      expect((await talker.run({ do: 'ping' })).failures).toEqual([]);
      const kind = protocol === 'TCP' ? 'tcp' : 'udp';
      // The hops on the opener's side see what it asked for, those behind the rewriting what came out of it.
      const [asked, rewritten] =
        side === 'client' ? (['before', 'behind'] as const) : (['behind', 'before'] as const);
      const seen = {
        asked: await seenBy(asked, { protocol: kind, port: PORT[side] }),
        rewriting: await seenBy('rewriting', { protocol: kind, port: PORT[side] }),
        rewritten: await seenBy(rewritten, { protocol: kind, port: ECHO_PORT }),
      };
      for (const { each, all } of Object.values(seen)) {
        // An answer at another instance would be a flow of its own there, and leave one without answers here.
        expect(all).toHaveLength(FLOWS);
        expect(all.every(({ bothWays }) => bothWays)).toBe(true);
        // And it is no wonder: every instance has its share.
        for (const flows of each) expect(flows.length).toBeGreaterThan(FLOWS / 10);
      }
      expect(new Set(seen.asked.all.map(({ port }) => port))).toEqual(new Set(opened.ports));
    });
  },
);
