// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Chain } from '../../../../agent/render/chain.ts';
import {
  HOP_F_OPEN,
  HOP_F_REWRITES,
  PATH_F_STRAIGHT,
  PATH_F_TRANSLATED,
} from '../../../../agent/render/generated/layout.ts';
import { type PathState, renderPaths } from '../../../../agent/render/paths.ts';
import { poolId } from '../../../../agent/render/pool.ts';
import type { ChainHop, ChainInstance } from '../../../../api/index.ts';
import { any, chain as makeChain } from './fixtures.ts';

const LISTENER = { protocol: 'TCP', port: 80, targetPort: 8080 } as const;
const here = (id: number, more: Partial<ChainInstance> = {}): ChainInstance => ({
  id,
  node: 'here',
  ...more,
});

function hop(name: string, instances: readonly ChainInstance[], more: Partial<ChainHop> = {}): ChainHop {
  return { kind: 'Firewall', name, onFailure: 'Closed', instances: [...instances], ...more };
}

function path(change: Partial<Chain>, down: readonly number[] = []): PathState {
  const chain = { ...makeChain({ pathId: 7, from: any, to: any }), ...change };
  const isDown = ({ id, state }: { id: number; state?: string }) => state === 'Down' || down.includes(id);
  return renderPaths([chain], { isDown } as Parameters<typeof renderPaths>[1]).get(7)!;
}
const STRAIGHT = PATH_F_STRAIGHT | PATH_F_TRANSLATED;
const isStraight = (change: Partial<Chain>, down: readonly number[] = []) =>
  path({ straight: true, ...change }, down).flags & STRAIGHT;

describe('the epoch of a path', () => {
  const edge = hop('edge', [here(1)]);
  const core = hop('core', [here(2)]);
  const epoch = (...hops: readonly ChainHop[]) => path({ hops: [...hops] }).epoch;

  test('changes when a function is replaced, added, removed or moved: what was confirmed of others is not of it', () => {
    const lists = [
      [edge],
      [core],
      [edge, core],
      [core, edge],
      [edge, core, core],
      [{ ...edge, kind: 'CustomFunction' }],
      [],
    ];
    const epochs = lists.map((hops) => epoch(...hops));
    expect(new Set(epochs).size).toBe(lists.length);
  });

  test('stays when instances come and go', () => {
    expect(epoch(hop('edge', [here(5), here(6)]))).toBe(epoch(edge));
  });
});

describe('established flows bypass the functions of a path', () => {
  const edge = hop('edge', [here(1)]);
  const balancer = hop('web', [here(2)], { kind: 'LoadBalancer' });

  test('when its chain says so, and every hop has an instance', () => {
    expect(isStraight({ hops: [edge, edge] })).toBe(PATH_F_STRAIGHT);
    expect(isStraight({ hops: [edge], straight: false })).toBe(0);
    expect(isStraight({ hops: [edge, hop('core', [])] })).toBe(0);
    expect(isStraight({ hops: [edge] }, [1])).toBe(0);
    expect(isStraight({ hops: [edge, hop('core', [], { onFailure: 'Open' })] })).toBe(0);
  });

  test('by translation when a load balancer is on it whose listeners are known, and never as they are', () => {
    expect(isStraight({ hops: [balancer], listeners: [LISTENER] })).toBe(PATH_F_TRANSLATED);
    expect(isStraight({ hops: [balancer] })).toBe(0);
    expect(isStraight({ hops: [edge, balancer] })).toBe(0);
    expect(isStraight({ hops: [hop('mine', [here(3)], { kind: 'CustomFunction' })] })).toBe(0);
  });
});

describe('a hop', () => {
  const first = (instances: readonly ChainInstance[], more: Partial<ChainHop> = {}, down: number[] = []) =>
    path({ hops: [hop('edge', instances, more)] }, down).hops[0]!;

  test('gives new flows to its instances that take them: not draining, not down, with a weight', () => {
    const instances = [
      here(1),
      here(2, { state: 'Draining' }),
      here(3, { state: 'Down' }),
      here(4, { weight: 0 }),
      here(5),
    ];
    expect(first(instances, {}, [5])).toMatchObject({
      hop: { count: 1, instance: 1 },
      table: undefined,
    });
    const { hop: both, table } = first(instances);
    expect(both).toMatchObject({ count: 2, instance: 0 });
    expect(table).toBeDefined();
  });

  test('of several instances has a table by their weights, equal for equal weights', () => {
    const even = first([here(1), here(2)]).table!;
    expect(first([here(1, { weight: 100 }), here(2)]).table).toEqual(even);
    expect(first([here(1, { weight: 20 }), here(2)]).table).not.toEqual(even);
  });

  test('is of the pool of its function, and says whether flows pass without it and whether it changes tuples', () => {
    expect(first([]).hop).toEqual({
      pool: poolId({ namespace: 'test', kind: 'Firewall', name: 'edge' }),
      flags: 0,
      count: 0,
      instance: 0,
    });
    expect(first([], { onFailure: 'Open' }).hop.flags).toBe(HOP_F_OPEN);
    expect(first([], { kind: 'LoadBalancer' }).hop.flags).toBe(HOP_F_REWRITES);
    expect(first([], { kind: 'SomethingNew', onFailure: 'Open' }).hop.flags).toBe(
      HOP_F_OPEN | HOP_F_REWRITES,
    );
  });
});
