// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Standing } from '../../../../../operator/compile/chain/standing.ts';
import type { ChainStatusFacts, HopStatusFacts } from '../../../../../operator/status/chain/facts.ts';
import { renderNews, wordsOf, writtenWords } from '../../../../../operator/status/chain/failures.ts';
import { reportHop } from '../../../../../operator/status/chain/hops.ts';
import { judged } from '../../compile/chain/judged.ts';
import { edge, healthyChain } from './healthy-chain.ts';

function facts(hop: Partial<HopStatusFacts> = {}): ChainStatusFacts {
  return { ...healthyChain, hops: [{ ...edge, ...hop }] };
}

const down: Standing = { kind: 'Down', why: 'NotForwarding' };

describe('a hop', () => {
  const report = (change: Partial<HopStatusFacts>) => reportHop({ ...edge, ...change }, 'shop');

  test('is Healthy, Degraded or Failed by how many take flows', () => {
    expect(report({})).toEqual({ ready: 1, state: 'Healthy', causes: [] });
    expect(report({ desired: 2, judged: [judged('a'), judged('b', down)] })).toMatchObject({
      ready: 1,
      state: 'Degraded',
    });
    expect(report({ judged: [judged('a', down)] })).toMatchObject({ ready: 0, state: 'Failed' });
  });

  test('is Healthy while an instance more than it wants drains', () => {
    const draining = judged('old', { kind: 'Draining', why: 'Leaving' });
    expect(report({ judged: [judged('new'), draining] })).toMatchObject({ ready: 1, state: 'Healthy' });
  });

  test('is Degraded when a node of the chain cannot reach one of its instances, and says which', () => {
    const { state, ready, causes } = report({
      judged: [judged('edge-1', { kind: 'Serving', cutOffFrom: ['worker-2'] })],
    });
    expect({ state, ready }).toEqual({ state: 'Degraded', ready: 1 });
    expect(causes).toEqual([
      { reason: 'CutOff', message: expect.stringContaining('worker-2 cannot reach worker-1') },
    ]);
  });

  test.each<[string, Partial<HopStatusFacts>, string, string]>([
    [
      'without a function',
      { found: false, judged: [], desired: 0 },
      'FunctionNotFound',
      'there is no Firewall shop/edge; create it',
    ],
    [
      'with 0 replicas',
      { judged: [], desired: 0 },
      'NoReplicas',
      'spec.replicas of Firewall shop/edge is 0; raise it',
    ],
    [
      'without pods',
      { judged: [] },
      'PodsMissing',
      '0 of 1 pods of Firewall shop/edge have an interface; see its condition Ready, and kubectl describe pods -n shop -l heddle.dev/function=firewall.edge',
    ],
    [
      'with weights of 0',
      { judged: [judged('edge-1', { kind: 'Weightless' })] },
      'NoWeight',
      'weight 0 keeps new flows from pod edge-1 on worker-1; set its annotation heddle.dev/weight to 1..256 or remove it',
    ],
    [
      'whose pods never become ready',
      { judged: [judged('edge-1', { kind: 'Starting' })] },
      'Starting',
      'never ready so far: pod edge-1 on worker-1; see kubectl describe pod',
    ],
    [
      'whose pod is not ready any more',
      { judged: [judged('edge-1', { kind: 'Draining', why: 'Unready' })] },
      'NotReady',
      'no longer ready, and kept for its flows: pod edge-1',
    ],
    [
      'whose pod does not forward',
      { judged: [judged('edge-1', down)] },
      'NotForwarding',
      'what goes into pod edge-1 on worker-1 does not come out',
    ],
    [
      'whose node is away',
      { judged: [judged('edge-1', { kind: 'Down', why: 'Unreachable' })] },
      'NodeUnreachable',
      'the other nodes cannot reach node worker-1',
    ],
    [
      'whose pod has lost its interface',
      { judged: [judged('edge-1', { kind: 'Down', why: 'Detached' })] },
      'Detached',
      'chain0 is gone from pod edge-1',
    ],
  ])('%s says so in a word, and what to do', (_case, change, reason, message) => {
    const { state, causes } = report(change);
    expect(state).toBe('Failed');
    expect(causes[0]).toEqual({ reason, message: expect.stringContaining(message) });
  });

  test('with instances of several kinds names the gravest first and no more than three pods of one', () => {
    const { causes } = report({
      judged: [
        judged('a', { kind: 'Starting' }),
        ...['b', 'c', 'd', 'e'].map((pod) => judged(pod, down)),
        judged('f', { kind: 'Draining', why: 'Leaving' }),
      ],
    });
    expect(causes.map(({ reason }) => reason)).toEqual(['NotForwarding', 'Starting', 'Draining']);
    expect(causes[0]?.message).toContain(
      'pod b on worker-1, pod c on worker-1, pod d on worker-1 and 1 more',
    );
  });
});

describe('news of a chain', () => {
  const failed = facts({ judged: [judged('edge-1', down)] });

  test('is told when a hop fails, is skipped, and returns, once for each turn', () => {
    const working = wordsOf(facts());
    expect(renderNews(failed, working)).toMatchObject([
      {
        type: 'Warning',
        reason: 'HopFailedClosed',
        message: expect.stringContaining('its flows are dropped'),
      },
    ]);
    expect(renderNews(failed, wordsOf(failed))).toEqual([]);
    const open = facts({ judged: [judged('edge-1', down)], onFailure: 'Open' });
    expect(renderNews(open, wordsOf(failed))).toMatchObject([{ type: 'Warning', reason: 'HopSkipped' }]);
    expect(renderNews(facts(), wordsOf(open))).toEqual([
      {
        type: 'Normal',
        reason: 'HopReturned',
        message: 'functions[0] fw/edge takes flows: 1 of 1 instances forward.',
      },
    ]);
  });

  test('is not repeated by the next leader', () => {
    const before = writtenWords([{ kind: 'Firewall', name: 'edge', state: 'Failed' }], failed.hops);
    expect(renderNews(failed, before)).toEqual([]);
    expect(renderNews(facts(), before)).toMatchObject([{ reason: 'HopReturned' }]);
  });

  test('has nothing of a chain that is on no node', () => {
    expect(renderNews({ ...failed, slices: [] }, new Map())).toEqual([]);
  });

  test('takes a hop that moved in the list for the same', () => {
    const core = { ...edge, name: 'core', label: 'fw/core' };
    const before = wordsOf({ ...failed, hops: [core, failed.hops[0]!] });
    expect(renderNews({ ...failed, hops: [failed.hops[0]!, core] }, before)).toEqual([]);
  });
});
