// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { icmp, PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import {
  ADDRESS,
  answer,
  chain,
  DROP,
  destinationOf,
  echo,
  FAMILIES,
  type Family,
  frame,
  ICMP,
  instanceOf,
  MAC,
  packet,
  startBench,
  toInstance,
} from './ground.ts';

// security.md: pod-forges-icmp-errors
// An ICMP error belongs to the flow that it quotes, and takes the instances that this flow has (design, section 4).

const PATH = 7;
/** What routers must quote behind an IP header at least (RFC 792): ports, no more. */
const SHORTEST_QUOTE = 8;

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([chain({ pathId: PATH, hops: [{ instances: ['p1', 'p2', 'p3', 'p4'] }] })]);
});
afterAll(() => bench?.close());

/** Errors by family: type, code, and the second word (RFC 792, RFC 4443). */
const ERRORS = {
  4: [
    ['port unreachable', 3, 3],
    ['fragmentation needed', 3, 4],
    ['time exceeded', 11, 0],
    ['parameter problem', 12, 0],
  ],
  6: [
    ['port unreachable', 1, 4],
    ['packet too big', 2, 0],
    ['time exceeded', 3, 0],
    ['parameter problem', 4, 1],
  ],
} as const;

const fromClient = (family: Family, bytes: Buffer) =>
  bench.cross('pod_ingress', { port: 'client', frame: frame(family, bytes) });
const fromServer = (family: Family, bytes: Buffer) =>
  bench.cross('pod_ingress', { port: 'server', frame: frame(family, bytes, { source: MAC.server }) });

const flows = FAMILIES.flatMap((family) =>
  [
    { name: 'UDP', protocol: PROTOCOL.udp, request: ports(2000, 53), reply: ports(53, 2000) },
    {
      name: 'TCP',
      protocol: PROTOCOL.tcp,
      request: tcp(2000, 80, TCP_FLAG.ack),
      reply: tcp(80, 2000, TCP_FLAG.ack),
    },
    { name: 'a ping', protocol: ICMP[family], request: echo(family), reply: echo(family, 'reply') },
    {
      name: 'ESP',
      protocol: PROTOCOL.esp,
      request: Buffer.alloc(16, 1),
      reply: Buffer.alloc(16, 2),
    },
  ].flatMap((flow) => ERRORS[family].map(([error, type, code]) => ({ family, ...flow, error, type, code }))),
);

describe.each(flows)(
  '$error of $name over IPv$family',
  ({ family, protocol, request, reply, type, code }) => {
    const quoteOf = (whole: Buffer) => whole.subarray(0, (family === 4 ? 20 : 40) + SHORTEST_QUOTE);

    test('from the server goes back through the instance that the flow has', async () => {
      const sent = packet(family, { protocol, payload: request });
      const { frame: out } = await fromClient(family, sent);
      const instance = instanceOf(out);
      const error = answer(family, { protocol: ICMP[family], payload: icmp(type, code, quoteOf(sent)) });
      expect(destinationOf((await fromServer(family, error)).frame)).toEqual(
        toInstance({ path: PATH, position: 0, reply: true, instance }),
      );
    });

    test('from the client goes on through the instance that the flow has', async () => {
      const sent = answer(family, { protocol, payload: reply });
      const { frame: out } = await fromServer(family, sent);
      const instance = instanceOf(out);
      const error = packet(family, { protocol: ICMP[family], payload: icmp(type, code, quoteOf(sent)) });
      expect(destinationOf((await fromClient(family, error)).frame)).toEqual(
        toInstance({ path: PATH, position: 0, instance }),
      );
    });
  },
);

test.each(FAMILIES)('an error creates no state for the flow that it quotes, over IPv%i', async (family) => {
  await bench.forgetFlows();
  const quoted = packet(family, { payload: ports(2001, 53) });
  const [[, type, code]] = ERRORS[family];
  await fromServer(family, answer(family, { protocol: ICMP[family], payload: icmp(type, code, quoted) }));
  expect(await bench.flows()).toEqual([]);
});

test.each(FAMILIES)('an error that quotes less than a header is dropped, over IPv%i', async (family) => {
  const [[, type, code]] = ERRORS[family];
  const error = answer(family, { protocol: ICMP[family], payload: icmp(type, code, Buffer.alloc(12, 0x45)) });
  const bytes = frame(family, error, { source: MAC.server });
  expect(await bench.run('pod_ingress', { port: 'server', frame: bytes })).toMatchObject({
    action: DROP,
    dropped: ['malformed'],
  });
});

test.each(FAMILIES)('an error in the name of another address is dropped, over IPv%i', async (family) => {
  const quoted = packet(family, { payload: ports(2001, 53) });
  const [[, type, code]] = ERRORS[family];
  const forged = packet(family, { protocol: ICMP[family], payload: icmp(type, code, quoted) });
  const bytes = frame(family, forged, { source: MAC.server });
  expect(await bench.run('pod_ingress', { port: 'server', frame: bytes })).toMatchObject({
    action: DROP,
    dropped: ['spoofed_source'],
  });
});

describe.each(FAMILIES)('an error about a packet that its sender was not sent, over IPv%i', (family) => {
  const { client, server, remote } = ADDRESS[family];
  const unsent = [
    ['goes to a pod about its flow to another pod', { source: client, destination: remote }],
    [
      'goes to a pod about its flow to nobody',
      { source: client, destination: family === 4 ? '8.8.8.8' : 'fd99::8' },
    ],
    ['goes to another pod than the quoted packet came from', { source: remote, destination: server }],
  ] as const;

  test.each(unsent.flatMap((each) => ERRORS[family].map((error) => [...each, ...error] as const)))(
    'is dropped: it %s (%j, %s)',
    async (_, ends, _name, type, code) => {
      const quoted = packet(family, { ...ends, payload: ports(2001, 53) });
      const forged = answer(family, { protocol: ICMP[family], payload: icmp(type, code, quoted) });
      const bytes = frame(family, forged, { source: MAC.server });
      expect(await bench.run('pod_ingress', { port: 'server', frame: bytes })).toMatchObject({
        action: DROP,
        dropped: ['spoofed_error'],
      });
    },
  );
});
