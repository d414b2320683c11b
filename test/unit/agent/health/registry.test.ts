// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Targets } from '../../../../agent/health/plan.ts';
import { HealthRegistry } from '../../../../agent/health/registry.ts';
import type { Family } from '../../../../api/net/address.ts';

const targets = (
  instances: Readonly<Record<number, readonly Family[]>>,
  nodes: readonly string[] = [],
): Targets => {
  const entries = Object.entries(instances).map(([id, families]) => [Number(id), new Set(families)] as const);
  return {
    attached: new Set(entries.map(([id]) => id)),
    instances: new Map(entries),
    peers: new Map(nodes.map((node) => [node, new Uint8Array(16)])),
  };
};

describe('what a node knows of its instances', () => {
  test('one that is new is used when every family has answered', () => {
    const registry = new HealthRegistry();
    registry.setTargets(targets({ 7: [4, 6] }));
    expect(registry.healthOf(7)).toBe('Proving');
    expect(registry.observe([['4/7', 0]], 0)).toEqual([]);
    expect(registry.observe([['6/7', 0]], 0)).toEqual([{ kind: 'Instance', id: 7, health: 'Healthy' }]);
  });

  test('one family that does not come through takes the instance out', () => {
    const registry = new HealthRegistry();
    registry.setTargets(targets({ 7: [4, 6] }));
    registry.observe(
      [
        ['4/7', 0],
        ['6/7', 0],
      ],
      0,
    );
    expect(registry.observe([['6/7', 2]], 0)).toEqual([{ kind: 'Instance', id: 7, health: 'Down' }]);
  });

  test('one that an earlier agent left is used at once, or recovers when that one had it down', () => {
    const registry = new HealthRegistry();
    registry.adopt(1, false);
    registry.adopt(2, true);
    expect(registry.setTargets(targets({ 1: [4], 2: [4] }))).toEqual([]);
    expect(registry.healthOf(1)).toBe('Healthy');
    registry.observe([['4/2', 0]], 100);
    expect(registry.healthOf(2)).toBe('Recovering');
    expect(registry.step({ kind: 'Tick' }, 1099)).toEqual([]);
    expect(registry.step({ kind: 'Tick' }, 1100)).toEqual([{ kind: 'Instance', id: 2, health: 'Healthy' }]);
  });

  test('the known health of an instance is kept when the instance is adopted again', () => {
    const registry = new HealthRegistry();
    registry.adopt(1, true);
    registry.adopt(1, false);
    expect(registry.healthOf(1)).toBe('Down');
    registry.setTargets(targets({ 2: [4] }));
    registry.adopt(2, false);
    expect(registry.healthOf(2)).toBe('Proving');
  });

  test('a family that a new chain brings does not stop what works', () => {
    const registry = new HealthRegistry();
    registry.setTargets(targets({ 7: [4] }));
    registry.observe([['4/7', 0]], 0);
    expect(registry.setTargets(targets({ 7: [4, 6] }))).toEqual([]);
    expect(registry.healthOf(7)).toBe('Healthy');
  });

  test('a chain that goes and comes finds its instance as it was', () => {
    const registry = new HealthRegistry();
    registry.setTargets(targets({ 7: [4] }));
    registry.observe([['4/7', 0]], 0);
    registry.setTargets({ ...targets({}), attached: new Set([7]) });
    expect(registry.healthOf(7)).toBe('Healthy');
    registry.setTargets(targets({ 7: [4] }));
    expect(registry.healthOf(7)).toBe('Healthy');
  });

  test('an instance that was recovering when its chain was deleted starts its second of recovery again', () => {
    const registry = new HealthRegistry();
    registry.adopt(7, true);
    registry.setTargets(targets({ 7: [4] }));
    registry.observe([['4/7', 0]], 0);
    registry.setTargets({ ...targets({}), attached: new Set([7]) });
    registry.setTargets(targets({ 7: [4] }));
    expect(registry.healthOf(7)).toBe('Down');
  });

  test('a number that comes again is another instance', () => {
    const registry = new HealthRegistry();
    registry.setTargets(targets({ 7: [4] }));
    registry.observe([['4/7', 0]], 0);
    registry.setTargets(targets({}));
    registry.setTargets(targets({ 7: [4] }));
    expect(registry.healthOf(7)).toBe('Proving');
  });

  test('a node counts as there until it fails to answer', () => {
    const registry = new HealthRegistry();
    registry.setTargets(targets({}, ['b']));
    expect(registry.nodeHealth('b')).toBe('Healthy');
    expect(registry.observe([['node/b', 2]], 0)).toEqual([{ kind: 'Node', node: 'b', health: 'Down' }]);
    expect(registry.nodeHealth('unheard-of')).toBe('Healthy');
  });
});
