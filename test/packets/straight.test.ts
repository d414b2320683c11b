// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench, Verdict } from './bench.ts';
import { mac, PROTOCOL, ports, TCP_FLAG, tcp } from './frame.ts';
import {
  ADDRESS,
  chain,
  destinationOf,
  FAMILIES,
  type Family,
  frame,
  type INSTANCE,
  MAC,
  markOf,
  ownMacOf,
  packet,
  startBench,
  toInstance,
  VNI,
} from './ground.ts';

// Which packets of an established flow bypass the functions of its chain, and which never do.

const VIP = { 4: '10.20.0.100', 6: 'fd20::100' } as const;
const JUDGED = 41;
const BALANCED = 42;
const TCP = [{ protocol: 'TCP', port: 80 }] as const;
const listed = (addresses: Readonly<Record<Family, string>>) => ({
  any: false,
  addresses: Object.values(addresses),
});
const judgedBy = (...hops: readonly (keyof typeof INSTANCE)[]) =>
  chain({ pathId: JUDGED, straight: true, ports: [...TCP, { protocol: 'UDP', port: 80 }], hops });
const balanced = chain({
  pathId: BALANCED,
  straight: true,
  from: { any: true },
  to: listed(VIP),
  virtual: Object.values(VIP),
  behind: listed({ 4: ADDRESS[4].server, 6: ADDRESS[6].server }),
  listeners: [{ protocol: 'TCP', port: 80, targetPort: 8080 }],
  hops: ['balancer'],
});

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([judgedBy('near'), balanced]);
});
afterAll(() => bench?.close());

const { syn, ack, fin, rst } = TCP_FLAG;
const MIDST = ack;
const OPENS_OR_ENDS: readonly (readonly [string, number])[] = [
  ['FIN', fin | ack],
  ['RST', rst],
  ['RST with ACK', rst | ack],
  ['SYN with ACK', syn | ack],
  ['SYN', syn],
];

const isStraight = ({ frame: out }: Verdict): boolean => destinationOf(out).equals(mac(MAC.server));
let source = 20_000;

interface Flow {
  readonly send: (flags: number, more?: { readonly more?: boolean }) => Promise<Verdict>;
  /** The packet as it leaves the function to the server. */
  readonly pass: (flags: number) => Promise<Verdict>;
}

/** A TCP flow of its own, which nobody has seen yet. */
function flowOf(family: Family, path: typeof JUDGED | typeof BALANCED): Flow {
  const port = source++;
  const [to, target, by] =
    path === JUDGED
      ? ([ADDRESS[family].server, 80, 'near'] as const)
      : ([VIP[family], 8080, 'balancer'] as const);
  const protocol = PROTOCOL.tcp;
  return {
    send: (flags, more = {}) =>
      bench.cross('pod_ingress', {
        port: 'client',
        frame: frame(
          family,
          packet(family, { destination: to, protocol, payload: tcp(port, 80, flags), ...more }),
        ),
      }),
    pass: (flags) =>
      bench.cross('fn_ingress', {
        port: by,
        frame: frame(family, packet(family, { protocol, payload: tcp(port, target, flags) }), {
          source: ownMacOf(by),
          destination: toInstance({ path, position: 0 }).toString('hex'),
        }),
      }),
  };
}

/** Opens a flow through its function, and speaks in it until the function is no longer asked. */
async function establish(flow: Flow): Promise<void> {
  await flow.send(syn);
  await flow.pass(syn);
  for (let words = 0; words < 50; words++) {
    if (isStraight(await flow.send(MIDST))) return;
    await flow.pass(MIDST);
  }
  throw new Error('the flow never goes straight');
}

/** What becomes of packets of an established flow, while packets in its midst go straight before and after. */
async function whileStraight<T>(flow: Flow, ask: () => Promise<T>): Promise<T> {
  // A confirmation of a load balancer holds for 134 ms, which a busy machine may need for one packet.
  for (let tries = 0; tries < 100; tries++) {
    await establish(flow);
    const answer = await ask();
    if (isStraight(await flow.send(MIDST))) return answer;
  }
  throw new Error('no confirmation held for three packets');
}

describe.each([
  ['firewalls', JUDGED],
  ['a load balancer', BALANCED],
] as const)('an established flow of %s', (_, path) => {
  describe.each(FAMILIES)('over IPv%i', (family) => {
    const through = markOf({ path, position: 0 });

    test('bypasses the function once the flow is established and confirmed, not before', async () => {
      const flow = flowOf(family, path);
      expect(await flow.send(syn)).toMatchObject({ mark: through });
      expect(await flow.send(MIDST)).toMatchObject({ mark: through });
      await establish(flow);
    });

    test.each(OPENS_OR_ENDS)('goes through the function with %s', async (_name, flags) => {
      // A bare SYN begins another connection, after which the flow is not established.
      const flow = flowOf(family, path);
      if (flags === syn) {
        await establish(flow);
        expect((await flow.send(syn)).mark).toBe(through);
        return;
      }
      expect((await whileStraight(flow, () => flow.send(flags))).mark).toBe(through);
    });

    test('goes through the function with a fragment', async () => {
      const flow = flowOf(family, path);
      const { mark } = await whileStraight(flow, () => flow.send(MIDST, { more: true }));
      expect(mark).toBe(through);
    });
  });
});

describe.each(FAMILIES)('what the functions of a chain have accepted, over IPv%i', (family) => {
  test('is not accepted by another function in their place, nor by one more', async () => {
    const flow = flowOf(family, JUDGED);
    const askOthers = async (): Promise<readonly boolean[]> => {
      try {
        await bench.setNetwork({ vni: VNI, chains: [judgedBy('stranger'), balanced] });
        const other = isStraight(await flow.send(MIDST));
        await bench.setNetwork({ vni: VNI, chains: [judgedBy('near', 'stranger'), balanced] });
        return [other, isStraight(await flow.send(MIDST))];
      } finally {
        await bench.setNetwork({ vni: VNI, chains: [judgedBy('near'), balanced] });
      }
    };
    expect(await whileStraight(flow, askOthers)).toEqual([false, false]);
  });

  test('includes UDP, of which every packet counts as one of an established flow', async () => {
    const payload = ports(source++, 80);
    const ask = () =>
      bench.cross('pod_ingress', { port: 'client', frame: frame(family, packet(family, { payload })) });
    const ends = {
      source: ownMacOf('near'),
      destination: toInstance({ path: JUDGED, position: 0 }).toString('hex'),
    };
    expect(isStraight(await ask())).toBe(false);
    await bench.cross('fn_ingress', {
      port: 'near',
      frame: frame(family, packet(family, { payload }), ends),
    });
    expect(isStraight(await ask())).toBe(true);
  });
});
