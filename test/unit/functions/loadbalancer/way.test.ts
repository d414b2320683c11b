// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { SelectedPods } from '../../../../api/selected-pods.ts';
import {
  parseInstanceId,
  renderOutside,
  renderWay,
  sourcePortsOf,
} from '../../../../functions/loadbalancer/way.ts';
import { assignSourcePorts } from '../../../../operator/compile/function/source-ports.ts';

const PATHS = [{ pathId: 12, vni: 4097, position: 1 }];

function selectedPodsFor(instances: readonly number[], replicas: number): SelectedPods {
  const shares = assignSourcePorts({ held: new Map(), instances, replicas });
  return { paths: PATHS, selectors: {}, sourcePorts: Object.fromEntries(shares) };
}

describe("the ways by which an instance sends from the load balancer's own address", () => {
  test('no two of 128 instances use a port in common, for clients outside or for health checks', () => {
    const instances = Array.from({ length: 128 }, (_, index) => 8 * (index + 1));
    const selectedPods = selectedPodsFor(instances, 64);
    const ranges = instances.flatMap((instance) => {
      const ports = sourcePortsOf(selectedPods, instance)!;
      const way = renderWay(selectedPods, ports)!;
      return [way.ports, renderOutside(selectedPods, { ports, mtu: 1450 }).ports];
    });
    const sorted = ranges.toSorted((a, b) => a.first - b.first);
    for (const [at, { first, last }] of sorted.entries()) {
      expect(first).toBeGreaterThan(sorted[at - 1]?.last ?? 1023);
      expect(last).toBeGreaterThanOrEqual(first);
    }
    expect(sorted.at(-1)!.last).toBeLessThanOrEqual(65_535);
  });

  test('health checks have the context of the path that the operator names, in the direction of replies', () => {
    const selectedPods = selectedPodsFor([7], 1);
    const named = { ...selectedPods, checks: { pathId: 99, position: 0 } };
    expect(renderWay(named, sourcePortsOf(named, 7))!.mark).toBe(0xa0000063);
    // An operator of the release before names none.
    expect(renderWay(selectedPods, sourcePortsOf(selectedPods, 7))!.mark).toBe(0xa100000c);
  });

  test('clients outside enter where the operator says, and nowhere without its word', () => {
    const selectedPods = selectedPodsFor([7], 1);
    const ports = sourcePortsOf(selectedPods, 7)!;
    const outside = [{ addresses: ['10.20.0.9'], enter: { pathId: 99, position: 0, balanced: 0 } }];
    const entries = (file: SelectedPods) => renderOutside(file, { ports, mtu: 1450 }).entries;
    expect(entries({ ...selectedPods, outside })).toBe(outside);
    expect(entries(selectedPods)).toEqual([]);
  });

  test('an operator of the release before gives no ports: they follow from the id', () => {
    const { sourcePorts: _, ...old } = selectedPodsFor([], 1);
    expect(sourcePortsOf(old, 9)).toEqual({ first: 4992, last: 8959 });
  });

  test('without ports, or without a path, there is no way', () => {
    const selectedPods = selectedPodsFor([7], 1);
    expect(sourcePortsOf(selectedPods, 8)).toBeUndefined();
    expect(sourcePortsOf(undefined, 8)).toBeUndefined();
    expect(renderWay(selectedPods, undefined)).toBeUndefined();
    expect(renderWay({ ...selectedPods, paths: [] }, sourcePortsOf(selectedPods, 7))).toBeUndefined();
  });

  test('the id of an instance is in the MAC of chain0', () => {
    expect(parseInstanceId('0e:00:00:00:01:07\n')).toBe(263);
  });
});
