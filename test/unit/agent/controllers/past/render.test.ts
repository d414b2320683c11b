// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { PastVerdict } from '../../../../../agent/controllers/past/compare.ts';
import { renderFence, renderRemarks } from '../../../../../agent/controllers/past/render.ts';
import type { Port } from '../../../../../api/index.ts';
import { formatPrefix } from '../../../../../api/net/prefix.ts';

const port = { spec: { interface: 'net1' } } as Port;
const missing = [{ name: 'net1', why: 'VirtualNetwork shop/lan has given it no address' }];
const without: PastVerdict = { attach: [], missing, late: [], fence: ['0.0.0.0/0', '10.1.0.0/16'] };

const fenceOf = (...args: Parameters<typeof renderFence>) => renderFence(...args).map(formatPrefix);

test('a fence has the ranges of the network, and never a default route', () => {
  expect(fenceOf(without, 'Fence')).toEqual(['10.1.0.0/16']);
});

test('a pod that is isolated reaches nothing', () => {
  expect(fenceOf(without, 'Isolate')).toEqual(['0.0.0.0/0', '::/0']);
});

test('a pod that has everything has no fence', () => {
  expect(fenceOf({ ...without, missing: [] }, 'Fence')).toEqual([]);
  expect(fenceOf({ ...without, missing: [] }, 'Isolate')).toEqual([]);
});

test('a pod is told what it lacks, why, and what it does not reach', () => {
  const [remark] = renderRemarks({ ...without, fence: ['10.1.0.0/16'] }, 'Fence');
  expect(remark?.reason).toBe('StartedWithoutInterface');
  expect(remark?.message).toBe(
    'the pod runs without what it asks for (net1: VirtualNetwork shop/lan has given it no address): it started while the agent could not be asked, or has lost it since; until it is there, it cannot reach 10.1.0.0/16',
  );
});

test('a pod whose interface came late is told that it is there', () => {
  const [remark, ...more] = renderRemarks({ attach: [], missing: [], late: [port], fence: [] }, 'Fence');
  expect(remark?.reason).toBe('StartedBeforeInterface');
  expect(remark?.message).toContain('before interface net1 was there');
  expect(more).toEqual([]);
});
