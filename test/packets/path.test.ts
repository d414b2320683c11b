// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { mac, ports } from './frame.ts';
import {
  answer,
  chain,
  DROP,
  destinationOf,
  FAMILIES,
  frame,
  fromInstance,
  INSTANCE,
  MAC,
  markOf,
  ownMacOf,
  packet,
  REDIRECT,
  sourceOf,
  startBench,
  toInstance,
} from './ground.ts';

const udp = (port: number) => [{ protocol: 'UDP', port } as const];
const { near, far } = INSTANCE;

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([
    chain({ pathId: 7, ports: udp(53), hops: ['near', 'far'] }),
    chain({ pathId: 8, ports: udp(54), hops: ['far', 'near'] }),
  ]);
});
afterAll(() => bench?.close());

describe.each(FAMILIES)('a packet that a chain takes, over IPv%i', (family) => {
  const send = (port: number) =>
    bench.run('pod_ingress', {
      port: 'client',
      frame: frame(family, packet(family, { payload: ports(1000, port) })),
    });

  test('enters the first hop on this node with its context as the mark', async () => {
    const { action, mark } = await send(53);
    expect({ action, mark }).toEqual({ action: REDIRECT, mark: markOf({ path: 7, position: 0 }) });
  });

  test('goes to the node of its first hop with its context as the hardware address', async () => {
    const { action, frame: out, mark } = await send(54);
    expect({ action, mark }).toEqual({ action: REDIRECT, mark: 0 });
    expect(destinationOf(out)).toEqual(toInstance({ path: 8, position: 0, instance: far.id }));
  });

  test('has an answer that enters the path from its end, in the reply direction', async () => {
    const back = frame(family, answer(family, { payload: ports(54, 1000) }), { source: MAC.server });
    const { action, mark } = await bench.run('pod_ingress', { port: 'server', frame: back });
    expect({ action, mark }).toEqual({
      action: REDIRECT,
      mark: markOf({ path: 8, position: 1, reply: true }),
    });
  });
});

describe.each(FAMILIES)(
  'what a function emits, over IPv%i (security.md: function-forges-context)',
  (family) => {
    const OWN = ownMacOf('near');
    const emit = (context: Buffer, more: { source?: string; back?: boolean; port?: number } = {}) => {
      const { port = 53 } = more;
      const payload = more.back
        ? answer(family, { payload: ports(port, 1000) })
        : packet(family, { payload: ports(1000, port) });
      const ends = { source: more.source ?? OWN, destination: context.toString('hex') };
      return bench.run('fn_ingress', { port: 'near', frame: frame(family, payload, ends) });
    };

    test('goes to the next hop and says who sent it', async () => {
      const { action, frame: out } = await emit(toInstance({ path: 7, position: 0 }));
      expect(action).toBe(REDIRECT);
      expect(destinationOf(out)).toEqual(toInstance({ path: 7, position: 1, instance: far.id }));
      expect(sourceOf(out)).toEqual(fromInstance({ path: 7, position: 0, instance: near.id }));
    });

    test('goes to the destination behind the last hop', async () => {
      const { action, frame: out, mark } = await emit(toInstance({ path: 8, position: 1 }), { port: 54 });
      expect({ action, mark }).toEqual({ action: REDIRECT, mark: 0 });
      expect(destinationOf(out)).toEqual(mac(MAC.server));
      expect(sourceOf(out)).toEqual(fromInstance({ path: 8, position: 1, instance: near.id }));
    });

    test('goes to the hop before in the reply direction, and out of the path at its begin', async () => {
      const on = await emit(toInstance({ path: 8, position: 1, reply: true }), { back: true });
      expect(destinationOf(on.frame)).toEqual(
        toInstance({ path: 8, position: 0, reply: true, instance: far.id }),
      );
      const out = await emit(toInstance({ path: 7, position: 0, reply: true }), { back: true });
      expect(destinationOf(out.frame)).toEqual(mac(MAC.client));
    });

    test.each([
      ['a path that nobody has', toInstance({ path: 99, position: 0 }), OWN, 'unknown_path'],
      ['a position that is not its own', toInstance({ path: 7, position: 1 }), OWN, 'wrong_context'],
      ['a position behind the path’s end', toInstance({ path: 7, position: 9 }), OWN, 'wrong_context'],
      ['no context at all', mac(MAC.server), OWN, 'no_context'],
      [
        'another instance’s hardware address',
        toInstance({ path: 7, position: 0 }),
        ownMacOf('far'),
        'spoofed_mac',
      ],
    ])('with %s is dropped', async (_, context, source, reason) => {
      expect(await emit(context, { source })).toMatchObject({ action: DROP, dropped: [reason] });
    });

    test('for a path that its function is not on is dropped', async () => {
      const ends = {
        source: ownMacOf('stranger'),
        destination: toInstance({ path: 7, position: 0 }).toString('hex'),
      };
      const bytes = frame(family, packet(family, { payload: ports(1000, 53) }), ends);
      expect(await bench.run('fn_ingress', { port: 'stranger', frame: bytes })).toMatchObject({
        action: DROP,
        dropped: ['wrong_context'],
      });
    });
  },
);

describe('inside a function', () => {
  const leave = (mark: number, forwarded: boolean) =>
    bench.run('fn_egress', {
      port: 'near',
      mark,
      forwarded,
      frame: frame(4, packet(4, { payload: ports(1000, 53) })),
    });

  test('what it forwards keeps its context', async () => {
    const { action, frame: out } = await leave(markOf({ path: 7, position: 3 }), true);
    expect(action).toBe(0);
    expect(destinationOf(out)).toEqual(toInstance({ path: 7, position: 3 }));
  });

  test.each([false, true])(
    'a packet that the function itself creates has the opposite direction (reply: %s)',
    async (reply) => {
      const { frame: out } = await leave(markOf({ path: 7, position: 3, reply }), false);
      expect(destinationOf(out)).toEqual(toInstance({ path: 7, position: 3, reply: !reply }));
    },
  );

  test('what has no context does not leave', async () => {
    expect(await leave(0, true)).toMatchObject({ action: DROP, dropped: ['no_context'] });
  });
});

test('a packet of a pod with a forged context is handled as any packet of a pod (security.md: pod-forges-context)', async () => {
  const forged = toInstance({ path: 8, position: 1, instance: near.id }).toString('hex');
  const bytes = frame(4, packet(4, { payload: ports(1000, 9999) }), { destination: forged });
  const { mark, frame: out } = await bench.run('pod_ingress', { port: 'client', frame: bytes });
  expect(mark).toBe(0);
  expect(destinationOf(out)).toEqual(mac(MAC.server));
});
