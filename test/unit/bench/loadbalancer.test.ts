// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { BUILDS, type Build, CHECK_MS, KINDS, PLACES, PORT } from '../../../bench/loadbalancer/lanes.ts';
import {
  nameServers,
  renderBalancer,
  renderEnds,
  renderHaproxy,
} from '../../../bench/loadbalancer/objects.ts';
import { renderLoadBalancer } from '../../../bench/loadbalancer/report.ts';
import { busySeconds, type Sample, toSample } from '../../../bench/loadbalancer/samples.ts';

const STAT = `cpu  100 20 300 9000 50 7 13 4000 60 1
cpu0 50 10 150 4500 25 3 7 2000 30 0
`;

describe('what the machine worked', () => {
  test('is the time of all CPUs but what they waited or was taken from them', () => {
    expect(busySeconds(STAT)).toBeCloseTo((100 + 20 + 300 + 7 + 13) / 100);
  });

  test('is not guessed from another file', () => {
    expect(() => busySeconds('intr 1 2 3')).toThrow('/proc/stat');
  });
});

describe('a turn of a lane', () => {
  const question = { lane: { build: 'HAProxy near', address: '10.0.0.1' }, kind: 'requests' } as const;

  test('counts by time and by CPU', () => {
    const sample = toSample(question, { answers: 3000, failures: 1, seconds: 1.5, cpuSeconds: 3 });
    expect(sample).toEqual({
      build: 'HAProxy near',
      kind: 'requests',
      perSecond: 2000,
      perCpuSecond: 1000,
      failures: 1,
    });
  });

  test('in which nothing came through is no figure', () => {
    expect(() => toSample(question, { answers: 0, failures: 9, seconds: 1, cpuSeconds: 1 })).toThrow(
      'HAProxy near: no requests came through',
    );
  });
});

describe('what is compared', () => {
  const nodes = { near: 'one', far: 'two' };
  const on = (node: string) => ({ nodeSelector: { 'kubernetes.io/hostname': node } });

  test('HAProxy has every server, and asks as often as Heddle whether it is there', () => {
    const text = renderHaproxy(['10.1.0.1', '10.1.1.1']);
    expect(text).toContain(`bind :${PORT}`);
    for (const address of ['10.1.0.1', '10.1.1.1'])
      expect(text).toContain(`${address}:${PORT} check inter ${CHECK_MS}ms`);
    for (const place of PLACES)
      expect(renderBalancer(nodes, place)).toMatchObject({
        spec: { healthCheck: { intervalMs: CHECK_MS }, pod: on(nodes[place]) },
      });
  });

  test('the servers are on both nodes', () => {
    const placed = JSON.stringify(renderEnds(nodes));
    for (const name of nameServers()) expect(placed).toContain(`"${name}"`);
    for (const node of ['one', 'two']) expect(placed).toContain(`"kubernetes.io/hostname":"${node}"`);
  });
});

describe('the report of the load balancer', () => {
  function render(values: Readonly<Record<Build, number>>, slowRound = 1): string {
    const samples = [1, slowRound, 1].flatMap((factor) =>
      KINDS.flatMap(({ name: kind }) =>
        BUILDS.map(
          (build): Sample => ({
            build,
            kind,
            perSecond: 2 * values[build] * factor,
            perCpuSecond: values[build] * factor,
            failures: 0,
          }),
        ),
      ),
    );
    const measured = { samples, rest: [0.1, 0.3, 0.2] };
    return renderLoadBalancer(measured, { rounds: 3, milliseconds: 100 }).markdown;
  }

  const VALUES: Readonly<Record<Build, number>> = {
    nobody: 12_500,
    'nobody inside': 10_000,
    'kube-proxy': 10_000,
    'Heddle near': 5000,
    'HAProxy near': 2000,
    'HAProxy inside near': 1000,
    'Heddle far': 3000,
    'HAProxy far': 2000,
    'HAProxy inside far': 1000,
  };

  test('says in each place whether the target is met, and how it is beside kube-proxy without one', () => {
    const markdown = render(VALUES);
    const lines = markdown.split('\n').filter((line) => line.startsWith('- '));
    const requests = lines.filter((line) => line.includes(': requests over kept connections, '));
    expect(
      requests.map((line) => line.replace('requests over kept connections, for a second of CPU, ', '')),
    ).toEqual([
      '- met: near: at least 2 times HAProxy: 2.50 ±0%',
      '- met: near: at least 2 times HAProxy inside: 5.00 ±0%',
      '- met: requests over kept connections, beyond nobody, near: at most 1/2 of the CPU of HAProxy: 100.0 of 420.0 µs each',
      '- met: requests over kept connections, beyond nobody, near: at most 1/2 of the CPU of HAProxy inside: 100.0 of 900.0 µs each',
      '- no target: near: of kube-proxy: 0.50 ±0%',
      '- **missed**: far: at least 2 times HAProxy: 1.50 ±0%',
      '- met: far: at least 2 times HAProxy inside: 3.00 ±0%',
      '- **missed**: requests over kept connections, beyond nobody, far: at most 1/2 of the CPU of HAProxy: 233.3 of 420.0 µs each',
      '- met: requests over kept connections, beyond nobody, far: at most 1/2 of the CPU of HAProxy inside: 233.3 of 900.0 µs each',
      '- no target: far: of kube-proxy: 0.30 ±0%',
    ]);
    const connections = lines.filter((line) => !requests.includes(line));
    expect(connections).toHaveLength(6);
    expect(connections.every((line) => line.startsWith('- no target: new connections'))).toBe(true);
  });

  test('a round that was slow for all does not change a ratio', () => {
    expect(render(VALUES, 0.1)).toContain('HAProxy: 2.50 ±0%');
  });

  test('has a row of each, with what one costs, and says what is in the figures', () => {
    const markdown = render(VALUES);
    expect(markdown).toContain('| kube-proxy | 20.00 ±0% | 10.00 ±0% | 100.0 | 20.0 |  |  |  |');
    expect(markdown).toContain(
      '| Heddle near | 10.00 ±0% | 5.00 ±0% | 200.0 | 100.0 | 2.50 ±0% | 5.00 ±0% | 0.50 ±0% |',
    );
    expect(markdown).toContain(
      '| HAProxy far | 4.00 ±0% | 2.00 ±0% | 500.0 | 420.0 |  | 2.00 ±0% | 0.20 ±0% |',
    );
    expect(markdown).toContain('At rest that is 0.20 CPU seconds a second');
    expect(markdown).toContain('Connections that broke: 0.');
  });
});
