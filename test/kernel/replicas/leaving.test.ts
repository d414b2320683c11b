// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { IS_PROBE } from '../../../functions/shared/nft/context.ts';
import { type Pod, World } from '../world/world.ts';
import { Flows, startEcho } from './traffic.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const CLIENT = '10.20.0.1';
const SERVER = '10.20.0.2';
const PORT = 7000;
const NODES = ['one', 'two', 'three'] as const;
/** All at once: see client.ts. */
const FLOWS = 50;
/** How long the server thinks: answers are under way when the instance goes. */
const THINKS_MS = 50;

/** Judges how a flow begins, as our firewall does: an answer to a question that it has not seen is nobody's. */
const STATEFUL = `table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ${IS_PROBE} accept
    ct state vmap { established : accept, related : accept, invalid : drop }
    udp dport ${PORT} accept
    tcp dport ${PORT} accept
  }
}`;

describe('an instance of a stateful function goes while its flows live', () => {
  let world: World;
  let client: Flows;
  let stopServer: () => void;
  const instances = new Map<string, Pod>();

  beforeAll(async () => {
    world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16'] });
    await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: [CLIENT] });
    await world.addPod({ name: 'server', node: 'two', network: 'shop', addresses: [SERVER] });
    for (const [index, node] of NODES.entries()) {
      const name = `a-${node}`;
      instances.set(name, await world.addInstance({ name, node, id: index + 1, function: 'a' }));
      await world.exec(name, ['nft', '-f', '-'], STATEFUL);
    }
    await world.addInstance({ name: 'b', node: 'three', id: 11, function: 'b' });
    stopServer = await startEcho(world, 'server', PORT);
    client = new Flows(world, 'client');
  }, 120_000);
  afterAll(async () => {
    await client?.close();
    stopServer?.();
    await world?.close();
  });
  afterEach(() => client.run({ do: 'close' }));

  const chain = (hops: readonly (readonly string[])[], isReversed = false) => {
    const ends = [CLIENT, SERVER].map((address) => ({ any: false, addresses: [address] }));
    const [from, to] = isReversed ? ends.reverse() : ends;
    return {
      name: 'chain',
      network: 'shop',
      pathId: 7,
      from: from!,
      to: to!,
      hops: hops.map((each) => ({ instances: each })),
    };
  };
  const all = NODES.map((node) => `a-${node}`);
  const detach = (node: string) => world.command(node, { kind: 'detach', portKey: `test/a-${node}` });
  const attach = async (node: string) => {
    await world.command(node, {
      kind: 'attach',
      portKey: `test/a-${node}`,
      netnsPath: `/var/run/netns/${instances.get(`a-${node}`)!.netns}`,
    });
    await world.publish();
  };

  const ways = [
    { way: 'one of two hops', hops: [all, ['b']] },
    { way: 'the only hop', hops: [all] },
    { way: 'the last hop', hops: [['b'], all] },
    { way: 'one of two hops, and flows are opened against the chain', hops: [['b'], all], isReversed: true },
  ];
  const cases = ways.flatMap((way) => NODES.map((node) => ({ node, isReversed: false, ...way })));

  test.each(cases)(
    'answers that are under way arrive: on node $node, $way',
    async ({ node, hops, isReversed }) => {
      await world.setChains([chain(hops, isReversed)]);
      const opened = await client.run({
        do: 'open',
        protocol: 'UDP',
        host: SERVER,
        port: PORT,
        count: FLOWS,
      });
      expect(opened.failures).toEqual([]);
      const asked = client.run({ do: 'ping', waitMs: THINKS_MS });
      await sleep(THINKS_MS / 2);
      await detach(node);
      const answered = await asked;
      const again = await client.run({ do: 'ping' });
      await attach(node);
      expect(answered.failures).toEqual([]);
      expect(again.failures).toEqual([]);
    },
  );
});
