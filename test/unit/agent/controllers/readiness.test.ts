// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { MapFullError } from '../../../../agent/apply/map-full.ts';
import { Applied } from '../../../../agent/controllers/applied.ts';
import { judgeReadiness, judgeStarts } from '../../../../agent/controllers/readiness.ts';
import { KernelError } from '../../../../agent/kernel/error.ts';

const full = () =>
  Promise.reject(new MapFullError('addresses', new KernelError('mapUpdate', 'E2BIG', 'E2BIG')));

test('a full map is named with what it kept out, until that is in or nobody wants it', async () => {
  const applied = new Applied();
  let told = 0;
  applied.subscribe(() => told++);
  await expect(applied.write('VirtualNetwork shop/a', full)).rejects.toThrow('the map addresses has no room');
  await expect(applied.write('VirtualNetwork shop/b', full)).rejects.toThrow();
  expect(judgeReadiness({ refused: applied.refused, probeFailure: '' })).toMatchObject({
    type: 'Ready',
    status: 'False',
    reason: 'MapFull',
    message: expect.stringMatching(/\(addresses\).*VirtualNetwork shop\/a, VirtualNetwork shop\/b/),
  });
  await applied.write('VirtualNetwork shop/a', () => Promise.resolve());
  applied.forgive('VirtualNetwork shop/b');
  expect(judgeReadiness({ refused: applied.refused, probeFailure: '' })).toMatchObject({
    type: 'Ready',
    status: 'True',
    reason: 'AgentRunning',
  });
  expect(told).toBe(4);
});

test('probes that cannot be sent are told, with the reason', () => {
  const probeFailure = 'ENXIO: no such device';
  expect(judgeReadiness({ refused: new Map(), probeFailure })).toMatchObject({
    type: 'Ready',
    status: 'False',
    reason: 'ProbesFailing',
    message: expect.stringContaining(probeFailure),
  });
});

test('another failure is no full map', async () => {
  const applied = new Applied();
  const broken = () => Promise.reject(new Error('broken'));
  await expect(applied.write('VirtualNetwork shop/a', broken)).rejects.toThrow('broken');
  expect(applied.refused.size).toBe(0);
});

test('a network that a full map kept out is reported at no generation, nor are its slices', () => {
  const applied = new Applied();
  const slices = (name: string) => new Map([[name, { generation: 1, isFormer: false }]]);
  applied.set('shop/a', { vni: 1, generation: 1, slices: slices('shop/x-0'), hopNodes: new Set() });
  applied.set('shop/b', { vni: 2, generation: 1, slices: slices('shop/y-0'), hopNodes: new Set() });
  expect([...applied.slicesOf((network) => network !== 'shop/a').keys()]).toEqual(['shop/y-0']);
});

describe('the start of pods', () => {
  test('is no condition while all is well, and while the runtime takes a moment', () => {
    expect(judgeStarts({ without: [], waitedMs: 0 })).toEqual([]);
    expect(judgeStarts({ without: [], waitedMs: 4000 })).toEqual([]);
  });

  test('names pods that run without an interface', () => {
    const [verdict] = judgeStarts({ without: ['a/1', 'a/2', 'b/3', 'b/4'], waitedMs: 0 });
    expect(verdict).toMatchObject({ type: 'PodsAttached', status: 'False', reason: 'PodsStartedWithout' });
    expect(verdict?.message).toContain('4 pods');
    expect(verdict?.message).toContain('a/1, a/2, b/3 and 1 more');
  });

  test('is unknown while the runtime waits for a container that does not end', () => {
    const [verdict] = judgeStarts({ without: [], waitedMs: 6000 });
    expect(verdict).toMatchObject({ status: 'Unknown', reason: 'RuntimeWaits' });
  });
});
