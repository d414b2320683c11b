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
      return [way.ports, renderOutside(way, { ports, mtu: 1450 }).ports];
    });
    const sorted = ranges.toSorted((a, b) => a.first - b.first);
    for (const [at, { first, last }] of sorted.entries()) {
      expect(first).toBeGreaterThan(sorted[at - 1]?.last ?? 1023);
      expect(last).toBeGreaterThanOrEqual(first);
    }
    expect(sorted.at(-1)!.last).toBeLessThanOrEqual(65_535);
  });

  test('clients outside and health checks have the context of the path, in the direction of each', () => {
    const selectedPods = selectedPodsFor([7], 1);
    const way = renderWay(selectedPods, sourcePortsOf(selectedPods, 7))!;
    expect(way.mark).toBe(0xa100000c);
    expect(renderOutside(way, { ports: way.ports, mtu: 1450 })).toMatchObject({
      mark: 0x8100000c,
      mtu: 1450,
    });
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
