// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFlowKey, FLOW_PIN } from '../../../agent/render/generated/layout.ts';
import { IS_CHAINS } from '../../../functions/shared/nft/context.ts';
import { World } from '../world/world.ts';
import { Flows, startEcho, trackedFlows } from './traffic.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const CLIENT = '10.20.0.1';
const SERVER = '10.20.0.2';
const PORT = 7000;
const NODES = ['one', 'two', 'three'];
const REWRITERS = ['r1', 'r2', 'r3'];

/**
 * Changes the source port of every flow: behind the function nothing tells which instance it was. Each instance has ports of
 * its own (docs/datapath.md): two flows that got one port at two instances would be one flow at the server.
 */
const renderRewrite = (index: number): string => `
table ip rewrite {
  chain postrouting {
    type nat hook postrouting priority 100;
    ${IS_CHAINS} meta l4proto { tcp, udp } snat to ${CLIENT}:${20_000 + index * 10_000}-${29_999 + index * 10_000} random
  }
}`;

describe('a hop of three instances that change ports, over three nodes', () => {
  let world: World;
  let client: Flows;
  let stopServer: () => void;

  beforeAll(async () => {
    world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16'] });
    await world.addPod({ name: 'client', node: 'one', network: 'shop', addresses: [CLIENT] });
    await world.addPod({ name: 'server', node: 'two', network: 'shop', addresses: [SERVER] });
    for (const [index, node] of NODES.entries()) {
      const name = `r${index + 1}`;
      await world.addInstance({ name, node, id: index + 1, function: 'r', kind: 'CustomFunction' });
      await world.exec(name, ['nft', '-f', '-'], renderRewrite(index));
    }
    await world.setChains([
      {
        name: 'chain',
        network: 'shop',
        pathId: 7,
        from: { any: false, addresses: [CLIENT] },
        to: { any: false, addresses: [SERVER] },
        hops: [{ instances: REWRITERS }],
      },
    ]);
    stopServer = await startEcho(world, 'server', PORT);
    client = new Flows(world, 'client');
  }, 120_000);
  afterAll(async () => {
    await client?.close();
    stopServer?.();
    await world?.close();
  });

  test.each(NODES)(
    'answers find the instance that rewrote their flow, also when node %s has lost its pins',
    async (node) => {
      const { ports, failures } = await client.run({
        do: 'open',
        protocol: 'UDP',
        host: SERVER,
        port: PORT,
        count: 50,
      });
      expect(failures).toEqual([]);
      expect(ports).toHaveLength(50);
      // The next packet of each flow is an answer: a request would teach the way back to whoever forgot it.
      const answers = client.run({ do: 'ping', waitMs: 1_000 });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const isPin = ({ key }: { readonly key: Uint8Array }) => decodeFlowKey(key).kind === FLOW_PIN;
      expect(await world.deleteFlows(node, isPin)).toBeGreaterThan(0);
      const pinged = await answers;
      expect(pinged.failures).toEqual([]);
      let seen = 0;
      for (const name of REWRITERS) {
        for (const flow of await trackedFlows(world, name, { protocol: 'udp', port: PORT })) {
          expect(flow.bothWays).toBe(true);
          seen += 1;
        }
      }
      // Each flow is known to one instance: an answer at another one would have been a flow of its own there.
      expect(seen).toBe(pinged.ports.length);
      await client.run({ do: 'close' });
      for (const name of REWRITERS) await world.try(name, ['conntrack', '-F']);
      for (const each of NODES) await world.deleteFlows(each);
    },
  );
});
