// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { compileHop } from '../../../../../operator/compile/chain/hops.ts';
import { type Reports, reachAmong } from '../../../../../operator/compile/chain/reach.ts';
import type { InstanceFacts } from '../../../../../operator/compile/chain/standing.ts';
import { instance } from './judged.ts';

const ref = { kind: 'Firewall', name: 'edge', onFailure: 'Closed' } as const;
const quiet: Reports = { accusers: () => [], isReady: () => true, hasReport: () => true };

/** The instances of a hop; `stored` are the ids in its slice before. */
function listed(
  instances: readonly InstanceFacts[],
  more: {
    readonly stored?: readonly number[];
    readonly reports?: Reports;
    readonly nodes?: readonly string[];
  } = {},
) {
  const stored = (more.stored ?? []).map((id) => ({ id, node: `worker-${id}` }));
  const nodes = more.nodes ?? instances.map(({ node }) => node);
  const { hop } = compileHop(
    { ref, found: { desired: 1, judgesBeginnings: true }, instances },
    { stored: [{ ...ref, instances: stored }], reach: reachAmong(nodes, more.reports ?? quiet) },
  );
  return hop.instances;
}

describe('a slice lists', () => {
  test('instances that take flows, by id, and their weight when it is not 100', () => {
    expect(listed([instance(9), instance(7, { weight: 20 }), instance(8, { weight: 0 })])).toEqual([
      { id: 7, node: 'worker-7', weight: 20 },
      { id: 8, node: 'worker-8', weight: 0 },
      { id: 9, node: 'worker-9' },
    ]);
  });

  test.each([
    ['ends', { leaving: true, podReady: false }],
    ['is not ready', { podReady: false }],
  ])(
    'an instance whose pod %s as Draining when it was listed, and not at all when it was not',
    (_why, change) => {
      expect(listed([instance(7, change)], { stored: [7] })).toEqual([
        { id: 7, node: 'worker-7', state: 'Draining' },
      ]);
      expect(listed([instance(7, change)], { stored: [8] })).toEqual([]);
    },
  );

  test('an instance that works only while its pod is ready as Unready when it is not, and as Draining when it ends', () => {
    const custom = { worksUnready: false, podReady: false };
    expect(listed([instance(7, custom)], { stored: [7] })).toEqual([
      { id: 7, node: 'worker-7', state: 'Unready' },
    ]);
    expect(listed([instance(7, { ...custom, leaving: true })], { stored: [7] })).toEqual([
      { id: 7, node: 'worker-7', state: 'Draining' },
    ]);
    expect(listed([instance(7, custom)])).toEqual([]);
  });

  test('no instance whose claim of its id is not accepted, though it was listed', () => {
    expect(listed([instance(7, { portAccepted: false })], { stored: [7] })).toEqual([]);
  });

  test('what does not forward as Down, also when it drains; never one that was not ready before', () => {
    const down = { id: 7, node: 'worker-7', state: 'Down' };
    expect(listed([instance(7, { reportedDown: true })])).toEqual([down]);
    expect(listed([instance(7, { reportedDown: true, leaving: true })], { stored: [7] })).toEqual([down]);
    expect(listed([instance(7, { portReady: false })], { stored: [7] })).toEqual([down]);
    expect(listed([instance(7, { reportedDown: true, podReady: false })])).toEqual([]);
  });

  test('nothing of a function that is missing', () => {
    const facts = { ref, found: undefined, instances: [instance(7)] };
    expect(compileHop(facts, { stored: [], reach: reachAmong([], quiet) }).hop.instances).toEqual([]);
  });

  test('nothing by what is stored of another kind, or of another function', () => {
    const unready = instance(7, { podReady: false });
    const reach = reachAmong([], quiet);
    const hopWith = (before: { readonly kind: 'Firewall' | 'CustomFunction'; readonly name: string }) =>
      compileHop(
        { ref, found: { desired: 1, judgesBeginnings: true }, instances: [unready] },
        { stored: [{ ...ref, ...before, instances: [{ id: 7, node: 'worker-7' }] }], reach },
      ).hop.instances;
    expect(hopWith({ kind: 'Firewall', name: 'edge' })).toHaveLength(1);
    expect(hopWith({ kind: 'CustomFunction', name: 'edge' })).toEqual([]);
    expect(hopWith({ kind: 'Firewall', name: 'core' })).toEqual([]);
  });

  test('at most 256, and leaves those out that drain', () => {
    const instances = Array.from({ length: 300 }, (_, i) => instance(i + 1, { leaving: i < 100 }));
    const found = listed(instances, { stored: instances.map(({ id }) => id) });
    expect(found).toHaveLength(256);
    expect(found.filter(({ state }) => state === undefined)).toHaveLength(200);
    expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).sort((a, b) => a - b));
  });
});

describe('an instance is Down because of its node', () => {
  const nodes = ['a', 'b', 'c', 'd'];
  const verdict = (accusers: readonly string[], more: Partial<Reports> = {}) =>
    listed([instance(7, { node: 'a' })], {
      nodes,
      reports: { ...quiet, accusers: (node) => (node === 'a' ? accusers : []), ...more },
    })[0]?.state;

  test('when more than half of the other nodes of the chain cannot reach it', () => {
    expect(verdict(['b', 'c'])).toBe('Down');
    expect(verdict(['b', 'c', 'd'])).toBe('Down');
  });

  test('not when one says so that may be broken itself', () => {
    expect(verdict(['b'])).toBeUndefined();
    expect(verdict([])).toBeUndefined();
  });

  test('not by the word of nodes that are not Ready, that the chain is not on, or of itself', () => {
    expect(verdict(['b', 'c'], { isReady: (node) => node !== 'b' })).toBeUndefined();
    expect(verdict(['x', 'y', 'z'])).toBeUndefined();
    expect(verdict(['a', 'b'])).toBeUndefined();
  });

  test('by one word alone when there is nobody else to ask, or the node is not Ready itself', () => {
    expect(verdict(['b'], { hasReport: (node) => node === 'b' })).toBe('Down');
    expect(verdict(['b'], { isReady: (node) => node !== 'a' })).toBe('Down');
  });
});
