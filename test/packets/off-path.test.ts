// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { mac, PROTOCOL, ports } from './frame.ts';
import {
  ADDRESS,
  chain,
  DROP,
  destinationOf,
  FAMILIES,
  type Family,
  frame,
  type INSTANCE,
  MAC,
  ownMacOf,
  packet,
  REDIRECT,
  startBench,
  toInstance,
  VNI,
} from './ground.ts';

// security.md: function-leaves-path
// Where instances may send behind the last hop of paths whose functions rewrite addresses.

const VIP = { 4: '10.20.0.100', 6: 'fd20::100' } as const;
const OTHER_VIP = { 4: '10.20.0.101', 6: 'fd20::101' } as const;
const NOBODY = { 4: '8.8.8.8', 6: 'fd99::8' } as const;
const PATH = { balanced: 31, guard: 32, former: 33, custom: 34, ssh: 35 } as const;
const only = (addresses: Readonly<Record<Family, string>>) => ({
  any: false,
  addresses: Object.values(addresses),
});
const server = only({ 4: ADDRESS[4].server, 6: ADDRESS[6].server });

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([
    chain({
      pathId: PATH.balanced,
      priority: -1,
      from: { any: true },
      to: only(VIP),
      virtual: Object.values(VIP),
      behind: server,
      hops: ['balancer'],
    }),
    // Clients that connect to the server directly must pass a firewall.
    chain({ pathId: PATH.guard, ports: [{ protocol: 'UDP', port: 53 }], hops: ['near'] }),
    // As an operator of the release before writes it.
    chain({
      pathId: PATH.former,
      to: only(OTHER_VIP),
      virtual: Object.values(OTHER_VIP),
      hops: ['balancer'],
    }),
    chain({ pathId: PATH.custom, priority: 900, hops: ['custom'] }),
    chain({ pathId: PATH.ssh, ports: [{ protocol: 'TCP', port: 22 }], hops: ['near'] }),
  ]);
});
afterAll(() => bench?.close());

interface Speech {
  readonly by: keyof typeof INSTANCE;
  readonly path: keyof typeof PATH;
  readonly reply?: boolean;
  readonly source: string;
  readonly destination: string;
  readonly port?: number;
}

const say = (family: Family, { by, path, reply = false, source, destination, port = 54 }: Speech) => {
  const payload = reply ? ports(port, 2000) : ports(2000, port);
  const bytes = packet(family, { source, destination, protocol: PROTOCOL.udp, payload });
  const ends = {
    source: ownMacOf(by),
    destination: toInstance({ path: PATH[path], position: 0, reply }).toString('hex'),
  };
  return bench.run('fn_ingress', { port: by, frame: frame(family, bytes, ends) });
};

describe.each(FAMILIES)('behind the last hop, over IPv%i', (family) => {
  const { client, server, remote } = ADDRESS[family];
  const balancer = { by: 'balancer', path: 'balanced' } as const;
  const former = { by: 'balancer', path: 'former' } as const;
  const custom = { by: 'custom', path: 'custom' } as const;
  const backwards = { reply: true, destination: client } as const;

  test.each<readonly [string, Speech, string]>([
    [
      'a load balancer reaches its backend, past the firewall of those who connect directly',
      { ...balancer, source: client, destination: server, port: 53 },
      MAC.server,
    ],
    [
      'a load balancer asks its backend in its own name',
      { ...balancer, source: VIP[family], destination: server },
      MAC.server,
    ],
    ['a load balancer answers its client', { ...balancer, ...backwards, source: VIP[family] }, MAC.client],
    [
      'a load balancer whose backends are not known reaches a pod',
      { ...former, source: client, destination: server, port: 55 },
      MAC.server,
    ],
    [
      'a custom function reaches an end in the name of the other',
      { ...custom, source: client, destination: server, port: 56 },
      MAC.server,
    ],
    [
      'a custom function reaches an end in the name of nobody (source NAT)',
      { ...custom, source: NOBODY[family], destination: server },
      MAC.server,
    ],
  ])('%s', async (_, speech, receiver) => {
    const { action, frame: out, dropped } = await say(family, speech);
    expect({ action, dropped }).toEqual({ action: REDIRECT, dropped: [] });
    expect(destinationOf(out)).toEqual(mac(receiver));
  });

  test.each<readonly [string, Speech]>([
    [
      'a load balancer reaches no pod that is no backend',
      { ...balancer, source: server, destination: client },
    ],
    [
      'a load balancer speaks to its backend in nobody’s name',
      { ...balancer, source: NOBODY[family], destination: server },
    ],
    [
      'a load balancer answers in the name of a pod that another firewall guards',
      { ...balancer, ...backwards, source: server, port: 53 },
    ],
    ['a load balancer answers in nobody’s name', { ...balancer, ...backwards, source: NOBODY[family] }],
    [
      'a load balancer whose backends are not known speaks for a pod that is no end',
      { ...former, source: remote, destination: server },
    ],
    [
      'a custom function reaches a pod that is no end in this direction',
      { ...custom, source: NOBODY[family], destination: client },
    ],
    [
      'a custom function reaches an end past another firewall',
      { ...custom, source: client, destination: server, port: 53 },
    ],
    [
      'a custom function answers past another firewall',
      { ...custom, ...backwards, source: server, port: 53 },
    ],
  ])('%s: it is dropped, and leaves nothing behind', async (_, speech) => {
    await bench.forgetFlows();
    const { action, dropped, events } = await say(family, speech);
    expect({ action, dropped, events }).toEqual({ action: DROP, dropped: ['off_path'], events: [] });
    expect(await bench.flows()).toEqual([]);
  });
});

describe.each(FAMILIES)('a flow that an edit takes out of its chain, over IPv%i', (family) => {
  const { client, server, remote } = ADDRESS[family];
  const chains = (to: string) => [
    chain({ pathId: PATH.guard, hops: ['near'], to: { any: false, addresses: [to] } }),
    chain({
      pathId: PATH.balanced,
      priority: -1,
      from: { any: false, addresses: [to === server ? client : remote] },
      to: only(VIP),
      virtual: Object.values(VIP),
      behind: only({ 4: ADDRESS[4].server, 6: ADDRESS[6].server }),
      hops: ['balancer'],
    }),
  ];
  const guarded = { by: 'near', path: 'guard', source: client, destination: server } as const;
  const balanced = {
    by: 'balancer',
    path: 'balanced',
    source: client,
    destination: server,
    port: 90,
  } as const;
  const answered = { ...balanced, reply: true, source: VIP[family], destination: client, port: 80 } as const;

  const both = [guarded, answered];
  const actions = () => Promise.all(both.map(async (speech) => (await say(family, speech)).action));

  test('ends after some seconds, though it has a pin: its functions reach the pod no longer', async () => {
    await bench.forgetFlows();
    await bench.setNetwork({ vni: VNI, chains: chains(server) });
    expect(await actions()).toEqual([REDIRECT, REDIRECT]);
    await bench.ageFlows(3_600_000);
    expect(await actions()).toEqual([REDIRECT, REDIRECT]);
    await bench.setNetwork({ vni: VNI, chains: chains(remote) });
    // Other nodes may not have the edit yet.
    await bench.ageFlows(5000);
    expect(await actions()).toEqual([REDIRECT, REDIRECT]);
    await bench.ageFlows(9000);
    for (const speech of both) {
      const { action, dropped } = await say(family, speech);
      expect({ action, dropped }).toEqual({ action: DROP, dropped: ['off_path'] });
    }
    // The pins are still there, so a flow that an edit takes in again goes on.
    await bench.setNetwork({ vni: VNI, chains: chains(server) });
    expect(await actions()).toEqual([REDIRECT, REDIRECT]);
  });

  test('goes on to a backend, which its load balancer may keep for a while', async () => {
    await bench.forgetFlows();
    await bench.setNetwork({ vni: VNI, chains: chains(server) });
    expect((await say(family, balanced)).action).toBe(REDIRECT);
    const [guard, rest] = chains(server);
    await bench.setNetwork({
      vni: VNI,
      chains: [guard!, { ...rest!, behind: { any: false, cidrs: [], addresses: new Set() } }],
    });
    await bench.ageFlows(9000);
    expect((await say(family, balanced)).action).toBe(REDIRECT);
    expect((await say(family, { ...balanced, port: 91 })).dropped).toEqual(['off_path']);
  });
});
