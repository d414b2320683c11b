// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { TracedPacket, TraceNext, TracePlace, TraceStep } from '../../../../api/trace.ts';
import { plain } from '../../../../cli/print/paint.ts';
import { formatWay } from '../../../../cli/trace/print.ts';
import { resolveRequest } from '../../../../cli/trace/resolve.ts';
import { type Judgement, type Witnesses, walk } from '../../../../cli/trace/walk.ts';
import { ASKED, CLIENT, request, WEB } from './asked.ts';

const RESOLVED = resolveRequest(request(ASKED), [CLIENT, WEB]);

const HOP: Extract<TraceNext, { kind: 'Instance' }> = {
  kind: 'Instance',
  vni: 4097,
  path: 3,
  position: 0,
  reply: false,
  instance: 7,
  function: 'Firewall/edge',
  pod: 'shop/edge-1',
  toNode: 'two',
  choice: { kind: 'Hashed', among: 2 },
  emitter: 0,
  emitterPosition: 1,
  bounces: 0,
};

const DELIVERY: TraceNext = {
  kind: 'Port',
  vni: 4097,
  port: 'shop/web-shop',
  pod: 'shop/web',
  interface: 'net1',
  toNode: 'two',
};

const CHAIN = {
  kind: 'Chain',
  chain: 'shop/storefront',
  path: 3,
  reply: false,
  why: 'the source is in its `from`, the destination in its `to`, and it takes everything',
} as const;

const ACCEPTED: Judgement = {
  kind: 'Verdict',
  verdict: {
    generation: 1,
    action: 'Accept',
    by: { kind: 'Rule', name: 'web' },
    rated: [],
    established: false,
  },
};

/** Witnesses that answer in order; what they were asked is in the list. */
function witnesses(answers: readonly TraceNext[], judgement: Judgement | undefined = ACCEPTED) {
  const asked: { readonly node: string; readonly place: TracePlace }[] = [];
  const them: Witnesses = {
    step: async (node: string, place: TracePlace, _packet: TracedPacket): Promise<TraceStep> => {
      const next = answers[asked.length];
      asked.push({ node, place });
      if (!next) throw new Error('nobody should have asked');
      return { node, ...(place.kind === 'Port' ? { classification: CHAIN } : {}), skipped: [], next };
    },
    verdict: async () => judgement,
  };
  return { them, asked };
}

describe('a way', () => {
  const arrived = { ...HOP, choice: { kind: 'Addressed' } as const };

  test('is followed from node to node, each asked as its kernel would see the packet', async () => {
    const { them, asked } = witnesses([HOP, arrived, DELIVERY]);
    const way = await walk(them, RESOLVED);
    expect(way.end).toEqual({ kind: 'Delivered', node: 'two', port: 'shop/web-shop', pod: 'shop/web' });
    expect(asked).toEqual([
      { node: 'one', place: { kind: 'Port', port: 'shop/client-shop', reply: false } },
      {
        node: 'two',
        place: {
          kind: 'Arrival',
          instance: 7,
          path: 3,
          position: 0,
          reply: false,
          emitter: 0,
          emitterPosition: 1,
          bounces: 0,
        },
      },
      { node: 'two', place: { kind: 'Instance', instance: 7, path: 3, position: 0, reply: false } },
    ]);
    expect(
      formatWay(RESOLVED, way, plain),
    ).toBe(`TCP 10.20.0.1 -> 10.20.0.5, ports 40000 -> 80, from pod shop/client to pod shop/web, network shop/shop

one   pod shop/client sends it
      chain shop/storefront takes it (path 3): the source is in its \`from\`, the destination in its \`to\`, and it takes everything
      sends it to two, for hop 1 Firewall/edge: pod shop/edge-1, instance 7 (by the hash of the flow, 1 of 2)
two   into hop 1 Firewall/edge: pod shop/edge-1, instance 7
        rule "web" accepts it
      delivers it to pod shop/web, net1

Delivered to pod shop/web.
`);
  });

  test('ends at the firewall that drops or rejects the packet', async () => {
    const verdict = {
      generation: 1,
      action: 'Reject',
      by: { kind: 'Default' },
      rated: [],
      established: false,
    } as const;
    const { them, asked } = witnesses([HOP, arrived], { kind: 'Verdict', verdict });
    const way = await walk(them, RESOLVED);
    expect(way.end).toEqual({ kind: 'Refused', node: 'two', pod: 'shop/edge-1', action: 'Reject' });
    expect(asked).toHaveLength(2);
    expect(formatWay(RESOLVED, way, plain)).toContain('no rule takes it: the default action rejects it');
    expect(formatWay(RESOLVED, way, plain)).toContain('Rejected by pod shop/edge-1.');
  });

  test('goes on where a function does not tell its verdict, and says so', async () => {
    const { them } = witnesses([HOP, arrived, DELIVERY], {
      kind: 'Silent',
      why: 'you may not get pods/proxy',
    });
    const way = await walk(them, RESOLVED);
    expect(way.end.kind).toBe('Delivered');
    expect(formatWay(RESOLVED, way, plain)).toContain('its verdict is not known: you may not get pods/proxy');
  });

  test('ends where the kernel drops, with the reason and what to do', async () => {
    const drop: TraceNext = {
      kind: 'Drop',
      reason: 'hop_down',
      detail: 'no instance',
      hop: { position: 0, function: 'Firewall/edge' },
    };
    const way = await walk(witnesses([drop]).them, RESOLVED);
    expect(way.end).toEqual({ kind: 'Dropped', node: 'one', reason: 'hop_down' });
    const text = formatWay(RESOLVED, way, plain);
    expect(text).toContain('drops it at hop 1 Firewall/edge (hop_down): no instance');
    expect(text).toContain(
      'Dropped on node one: hop_down. kubectl -n shop get pods -l heddle.dev/function=firewall.edge',
    );
  });

  test('ends in the pod that does not send the packet on this network, and says on which condition it does', async () => {
    const why = 'the pod does not route 10.20.0.5 by net1 on network shop/shop';
    const away: TraceNext = { kind: 'Drop', reason: 'not_routed', detail: why };
    const way = await walk(witnesses([away]).them, RESOLVED);
    expect(way.end).toEqual({ kind: 'Elsewhere', node: 'one', why });
    const text = formatWay(RESOLVED, way, plain);
    expect(text).toContain(why);
    expect(text).toContain('It is not sent on this network: no chain of it takes it.');
    expect(text).not.toMatch(/drops it|Dropped/);
    const step = { node: 'one', skipped: [], next: DELIVERY, note: 'only from a socket that is bound' };
    const bound = await walk({ step: async () => step, verdict: async () => undefined }, RESOLVED);
    expect(formatWay(RESOLVED, bound, plain)).toContain('only from a socket that is bound');
  });

  test('ends at a load balancer, whose choice only its kernel knows', async () => {
    const balancer: TraceNext = { ...HOP, function: 'LoadBalancer/web', pod: 'shop/web-1', toNode: 'one' };
    const nobody: TraceNext = { kind: 'Drop', reason: 'unknown_destination', detail: 'no Port has it' };
    const way = await walk(witnesses([balancer, nobody], undefined).them, RESOLVED);
    expect(way.end).toEqual({ kind: 'Balanced', node: 'one', function: 'LoadBalancer/web' });
    expect(formatWay(RESOLVED, way, plain)).toContain(
      'LoadBalancer/web sends it on to a backend of its choice',
    );
    const firewall: TraceNext = { ...HOP, toNode: 'one' };
    const dropped = await walk(witnesses([firewall, nobody]).them, RESOLVED);
    expect(dropped.end.kind).toBe('Dropped');
  });

  test('that never ends, or leads to an unknown node, is reported as an error', async () => {
    const endless = Array.from({ length: 100 }, () => ({ ...HOP, toNode: 'one' }));
    expect((await walk(witnesses(endless).them, RESOLVED)).end).toMatchObject({ kind: 'Lost' });
    const { them } = witnesses([{ ...HOP, toNode: undefined }]);
    expect((await walk(them, RESOLVED)).end).toMatchObject({
      kind: 'Lost',
      why: expect.stringContaining('nobody knows'),
    });
  });

  test('tells of rates, moved pins, skipped hops and answers', async () => {
    const rated = { name: 'some', action: 'Accept', perSecond: 5, burst: 9, per: 'Source' } as const;
    const by = { kind: 'Rule', name: 'web' } as const;
    const judgement: Judgement = {
      kind: 'Verdict',
      verdict: { generation: 1, action: 'Accept', by, rated: [rated], established: true },
    };
    const step: TraceStep = {
      node: 'one',
      skipped: [{ position: 0, function: 'Firewall/off' }],
      next: { ...HOP, toNode: 'one', position: 1, choice: { kind: 'Only', movedFrom: 4 } },
    };
    const end = { kind: 'Delivered', node: 'one', port: 'shop/web-shop', pod: 'shop/web' } as const;
    const text = formatWay(RESOLVED, { packet: RESOLVED.packet, legs: [{ step, judgement }], end }, plain);
    expect(text).toContain('passes over hop 1 Firewall/off: no instance takes it (onFailure: Open)');
    expect(text).toContain(
      '(the only one that takes new flows; the flow had instance 4, which cannot take it)',
    );
    expect(text).toContain(
      'rule "some" accepts 5 a second from each source (burst 9); what is beyond goes on:',
    );
    expect(text).toContain('an answer: it passes as its flow did, by rule "web"');
  });
});
