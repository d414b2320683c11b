// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkChain } from '../../../../../operator/status/chain/checks.ts';
import type { ChainStatusFacts } from '../../../../../operator/status/chain/facts.ts';
import { judged } from '../../compile/chain/judged.ts';
import { danglingIn } from '../dangling.ts';
import { edge, healthyChain } from './healthy-chain.ts';

const healthy: ChainStatusFacts = {
  ...healthyChain,
  hops: [{ ...edge, desired: 2, judged: [judged('edge-1'), judged('edge-2')] }],
  slices: [
    { key: 'shop/a-0', generation: 3 },
    { key: 'shop/a-1', generation: 1 },
  ],
  nodes: [{ name: 'worker-1', reported: { 'shop/a-0': 3, 'shop/a-1': 1 }, isAway: false }],
};

function verdict(type: string, change: Partial<ChainStatusFacts> = {}) {
  return checkChain({ ...healthy, ...change }).find((v) => v.type === type)!;
}

const hop = (change: object): Partial<ChainStatusFacts> => ({ hops: [{ ...healthy.hops[0]!, ...change }] });

test('a condition of a chain that refers to another one names one that is False', () => {
  const choices = fc.record({
    network: fc.constantFrom('Missing', 'NotAccepted', 'Usable').map((state) => ({ name: 'mall', state })),
    problems: fc.constantFrom([], [{ field: 'to[0].vpn', message: 'there is none' }]),
    pathId: fc.constantFrom(12, undefined),
    exceeded: fc.constantFrom(undefined, { limit: 'entriesPerNetwork', most: 1, wanted: 2 }),
    slices: fc.constantFrom([], healthy.slices),
    slicesRefusal: fc.constantFrom(undefined, 'exceeded quota'),
    nodes: fc.constantFrom([], healthy.nodes, [{ name: 'worker-2', reported: undefined, isAway: false }]),
    hops: fc.constantFrom(healthy.hops, [{ ...healthy.hops[0]!, found: false, desired: 0, judged: [] }]),
  }) as fc.Arbitrary<Partial<ChainStatusFacts>>;
  fc.assert(
    fc.property(choices, (change) => {
      expect(danglingIn(checkChain({ ...healthy, ...change }))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

describe('a chain', () => {
  test('whose slices the API server refuses says so in its words, with and without some on the nodes', () => {
    const slicesRefusal = 'exceeded quota: count/chainslices';
    for (const slices of [[], healthy.slices]) {
      expect(verdict('Programmed', { slicesRefusal, slices })).toMatchObject({
        status: 'False',
        reason: 'SlicesRefused',
        message: expect.stringContaining(slicesRefusal),
      });
      expect(verdict('Ready', { slicesRefusal, slices }).reason).toBe('NotProgrammed');
    }
  });

  test('that has all it needs is accepted, resolved, programmed, ready and not shadowed', () => {
    expect(checkChain(healthy).map((v) => `${v.type}=${v.status}`)).toEqual([
      'Accepted=True',
      'ResolvedRefs=True',
      'Programmed=True',
      'Ready=True',
      'Shadowed=False',
    ]);
  });

  test('is not ready while clients outside cannot pass what is before their load balancer', () => {
    const hops = [healthy.hops[0]!, { ...healthy.hops[0]!, kind: 'LoadBalancer', label: 'lb/web' }];
    const outside = (kind: 'Direct' | 'Through' | 'Refused') => [{ balancer: 'web', position: 1, kind }];
    const { reason, message } = verdict('Ready', { hops, outside: outside('Refused') });
    expect(reason).toBe('OutsideRefused');
    expect(message).toContain('clients outside of LoadBalancer web (spec.expose) cannot pass fw/edge');
    expect(verdict('Ready', { hops, outside: outside('Through') }).reason).toBe('OutsideRefused');
    expect(verdict('Ready', { hops, outside: outside('Through'), outsidePathId: 3 }).reason).toBe('Ready');
    expect(verdict('Ready', { hops, outside: outside('Direct') }).reason).toBe('Ready');
  });

  test('is not programmed while a node has an older generation of one slice', () => {
    const reported = { 'shop/a-0': 2, 'shop/a-1': 1 };
    const nodes = [...healthy.nodes, { name: 'worker-2', reported, isAway: false }];
    expect(verdict('Programmed', { nodes })).toMatchObject({ status: 'False', reason: 'NodesBehind' });
    expect(verdict('Programmed', { nodes }).message).toContain('worker-2');
    expect(verdict('Ready', { nodes })).toMatchObject({ status: 'False', reason: 'NotProgrammed' });
  });

  test('is programmed while only a node is behind that the others cannot reach, and the message names it', () => {
    const reported = { 'shop/a-0': 2, 'shop/a-1': 1 };
    const nodes = [...healthy.nodes, { name: 'worker-2', reported, isAway: true }];
    expect(verdict('Programmed', { nodes })).toMatchObject({
      status: 'True',
      message: 'On 1 node. Not on worker-2, which the others cannot reach.',
    });
  });

  test('is not programmed while a node has not reported at all, and the message says so', () => {
    const nodes = [{ name: 'worker-3', reported: undefined, isAway: false }];
    expect(verdict('Programmed', { nodes }).message).toContain('worker-3 (no report)');
  });

  test('names the field of a function that is missing and what becomes of its traffic', () => {
    expect(verdict('ResolvedRefs', hop({ found: false, desired: 0, judged: [] }))).toMatchObject({
      status: 'False',
      reason: 'FunctionNotFound',
      message: expect.stringMatching(
        /^functions\[0\]\.name: there is no Firewall shop\/edge; flows are dropped/,
      ),
    });
    const open = hop({ found: false, desired: 0, judged: [], onFailure: 'Open' });
    expect(verdict('ResolvedRefs', open).message).toContain('flows pass without it');
  });

  test('names its network when that is missing', () => {
    const change = { network: { name: 'mall', state: 'Missing' }, slices: [] } as const;
    expect(verdict('ResolvedRefs', change).message).toContain('there is no VirtualNetwork shop/mall');
    expect(verdict('Programmed', change)).toMatchObject({ status: 'False', reason: 'NotCompiled' });
  });

  test('is ready but degraded while fewer instances take flows than it wants, and says which do not', () => {
    const change = hop({ judged: [judged('edge-1'), judged('edge-2', { kind: 'Starting' })] });
    expect(verdict('Ready', change)).toMatchObject({
      status: 'True',
      reason: 'HopDegraded',
      message:
        'functions[0] fw/edge has 1 of 2 instances that take flows: never ready so far: pod edge-2 on worker-1; see kubectl describe pod and kubectl logs.',
    });
  });

  test('is not ready while a hop has no instance that takes flows; the reason says what becomes of them', () => {
    const down = [judged('edge-1', { kind: 'Down', why: 'NotForwarding' })];
    expect(verdict('Ready', hop({ judged: down }))).toMatchObject({
      status: 'False',
      reason: 'HopFailedClosed',
      message: expect.stringContaining(
        'functions[0] fw/edge has no instance that forwards; its flows are dropped (onFailure: Closed)',
      ),
    });
    expect(verdict('Ready', hop({ judged: down, onFailure: 'Open' }))).toMatchObject({
      status: 'False',
      reason: 'HopSkipped',
      message: expect.stringContaining(
        'functions[0] fw/edge has no instance that forwards; flows pass without it (onFailure: Open)',
      ),
    });
  });

  test('with hops that fail in both ways speaks of both, and of the drop first', () => {
    const [edge] = healthy.hops;
    const hops = [
      { ...edge!, judged: [], onFailure: 'Open' as const },
      { ...edge!, name: 'core', label: 'fw/core', judged: [] },
    ];
    const { reason, message } = verdict('Ready', { hops });
    expect(reason).toBe('HopFailedClosed');
    expect(message).toMatch(
      /functions\[0\] fw\/edge .* flows pass without it .*functions\[1\] fw\/core .* dropped/,
    );
  });

  test('speaks of a failed hop before it speaks of nodes that have not reported yet', () => {
    const nodes = [{ name: 'worker-3', reported: undefined, isAway: false }];
    expect(verdict('Ready', { ...hop({ judged: [] }), nodes }).reason).toBe('HopFailedClosed');
    expect(verdict('Ready', { ...hop({ judged: [] }), nodes, slices: [] }).reason).toBe('NotProgrammed');
  });

  test('names the chain that hides it', () => {
    const shadowed = verdict('Shadowed', { shadowedBy: 'shop/all' });
    expect(shadowed).toMatchObject({ status: 'True', reason: 'ShadowedByChain' });
    expect(shadowed.message).toContain('shop/all');
  });

  test('that exceeds a limit is not accepted when it is new, and goes on as it is when it is on the nodes', () => {
    const chains = { limit: 'chainsPerNamespace', most: 1024, wanted: 1030 } as const;
    const refused = { exceeded: chains, slices: [], pathId: undefined };
    expect(verdict('Accepted', refused)).toMatchObject({ status: 'False', reason: 'LimitExceeded' });
    expect(verdict('Accepted', refused).message).toMatch(/has 1030 chains, and may have 1024/);
    expect(verdict('Ready', refused)).toMatchObject({ status: 'False', reason: 'NotAccepted' });
    const entries = { exceeded: { limit: 'entriesPerNetwork', most: 10, wanted: 12 } } as const;
    expect(verdict('Accepted', entries)).toMatchObject({ status: 'True' });
    expect(verdict('Programmed', entries)).toMatchObject({ status: 'False', reason: 'LimitExceeded' });
    expect(verdict('Programmed', entries).message).toMatch(/at least 12 entries.*may have 10/);
    expect(verdict('Ready', entries)).toMatchObject({ status: 'False', reason: 'NotProgrammed' });
  });

  test('without a path id is not accepted', () => {
    const change = { pathId: undefined, slices: [] };
    expect(verdict('Accepted', change)).toMatchObject({ status: 'False', reason: 'PathIdsExhausted' });
    expect(verdict('Ready', change)).toMatchObject({ status: 'False', reason: 'NotAccepted' });
  });
});

describe('established flows', () => {
  const verdict = (facts: ChainStatusFacts) => checkChain(facts).find(({ type }) => type === 'Straight');

  test('are not mentioned in the status when the chain does not ask for the fast path', () => {
    expect(verdict(healthy)).toBeUndefined();
  });

  test('go straight where the chain asks for it and every function judges beginnings only', () => {
    expect(verdict({ ...healthy, establishedFlows: 'Straight' })).toMatchObject({
      status: 'True',
      reason: 'EstablishedFlowsGoStraight',
    });
  });

  test('stay on the long way where a function must see every packet, and the condition names it', () => {
    const hops = healthy.hops.map((hop) => ({ ...hop, judgesBeginnings: false }));
    const found = verdict({ ...healthy, hops, establishedFlows: 'Straight' });
    expect(found).toMatchObject({ status: 'False', reason: 'FunctionSeesEveryPacket' });
    expect(found?.message).toContain('functions[0] fw/edge');
  });

  test('pass the load balancer while flows to its former addresses drain, and the condition says how long', () => {
    const [hop] = healthy.hops;
    const balancer = { ...hop!, kind: 'LoadBalancer', label: 'lb/web', judgesBeginnings: false };
    const hops = [{ ...balancer, drainsAddresses: true }];
    expect(verdict({ ...healthy, hops, establishedFlows: 'Straight' })?.message).toContain(
      'wait until the flows to former addresses of lb/web have drained',
    );
  });
});
