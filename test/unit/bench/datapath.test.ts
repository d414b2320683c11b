// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import {
  type Build,
  type Lane,
  listRows,
  nameRow,
  placeLane,
  type Row,
} from '../../../bench/datapath/lanes.ts';
import { METRICS } from '../../../bench/datapath/metrics.ts';
import { renderDatapath } from '../../../bench/datapath/report.ts';
import type { Series } from '../../../bench/datapath/rounds.ts';

const NODES = ['one', 'two', 'three'];

describe('the lanes of the benchmark', () => {
  test('a lane on one node never leaves it', () => {
    const row: Row = { placement: 'One node', functions: 8, work: 'firewall' };
    expect(new Set(placeLane(row, NODES))).toEqual(new Set(['one']));
  });

  test.each([0, 1, 3, 8])(
    'across nodes, each step of %i functions is on another node than the one before',
    (functions) => {
      const nodes = placeLane({ placement: 'Across nodes', functions, work: 'forward' }, NODES);
      expect(nodes).toHaveLength(functions + 2);
      for (const [step, node] of nodes.slice(1).entries()) expect(node).not.toBe(nodes[step]);
      expect(nodes.at(-1)).not.toBe(nodes[0]);
    },
  );

  test('rows have names of their own, short enough for interfaces', () => {
    const names = listRows({ quick: false }).map(nameRow);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name.length).toBeLessThan(8);
  });

  test('a quick run measures the rows that have targets', () => {
    const names = listRows({ quick: true }).map(nameRow);
    expect(names).toContain('of3');
    expect(names).toContain('af3');
  });
});

describe('the report of the data path', () => {
  const rows = listRows({ quick: true });

  function lane(row: Row, build: Build): Lane {
    return { plan: { ...row, build }, client: 'c', server: 's', address: '10.0.0.1', functions: [] };
  }

  function series(value: number): Series {
    return Object.fromEntries(METRICS.map(({ name }) => [name, [value, value, value]])) as unknown as Series;
  }

  function measure(values: Readonly<Record<Build, number>>): string {
    const none = { functions: 0, work: 'forward' } as const;
    const measured = new Map([
      [lane({ ...none, placement: 'One node' }, 'direct'), series(values.direct)],
      [lane({ ...none, placement: 'Across nodes' }, 'vxlan'), series(values.vxlan)],
      ...rows.flatMap((row) =>
        (['hand-built', 'heddle', 'straight'] as const).map(
          (build) => [lane(row, build), series(values[build])] as const,
        ),
      ),
    ]);
    return renderDatapath(measured, { rows, rounds: 3, milliseconds: 100 }).markdown;
  }

  test('says of each target whether it is met, by the ratio to the hand-built chain', () => {
    const markdown = measure({ direct: 1000, vxlan: 500, 'hand-built': 100, heddle: 110, straight: 300 });
    expect(markdown).toMatch(/\*\*missed\*\*: three firewalls on one node: [^,]*chain: 1\.10/);
    expect(markdown).toMatch(/- met: three firewalls across nodes: [^,]*chain: 1\.10/);
    expect(markdown).toMatch(/- met: three firewalls on one node: .*straight: 3\.00/);
  });

  test('has a table of each metric for each placement', () => {
    const markdown = measure({ direct: 1000, vxlan: 500, 'hand-built': 100, heddle: 110, straight: 300 });
    expect(markdown.match(/^\| (One node|Across nodes): direct/gm)).toHaveLength(2 * METRICS.length);
  });
});
