// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { allocateVni, type VniHolder, type VniSources } from '../../../../../operator/compile/vni/vni.ts';

const network: VniHolder = {
  key: 'shop/net',
  createdAt: '2026-11-30T10:00:00Z',
  pin: 10,
  held: undefined,
  used: false,
};
const free: VniSources = {
  holding: () => [],
  pinning: () => [],
  nodesWith: () => [],
  hasPorts: () => false,
};
const allocate = (change: Partial<VniHolder>, more: Partial<VniSources>) =>
  allocateVni({ network: { ...network, ...change }, sources: { ...free, ...more }, start: 10 });

describe('a pinned VNI', () => {
  test('is taken when nothing has it', () => {
    expect(allocate({}, {})).toEqual({ kind: 'Take', vni: 10 });
  });

  test('is not taken while Ports of an earlier network carry it', () => {
    expect(allocate({}, { hasPorts: (vni) => vni === 10 })).toMatchObject({
      kind: 'Conflict',
      vni: 10,
      message: expect.stringContaining('still carried by Ports'),
    });
  });

  test('is not taken while a node has it in its kernel', () => {
    expect(allocate({}, { nodesWith: () => ['worker-1'] })).toMatchObject({
      kind: 'Conflict',
      message: expect.stringContaining('node worker-1'),
    });
  });

  test('once taken stays, whatever nodes and Ports say', () => {
    const used = { hasPorts: () => true, nodesWith: () => ['worker-1'] };
    expect(allocate({ held: 10, used: true }, used)).toEqual({ kind: 'Keep', vni: 10 });
  });
});

test('there is none when every one is in use', () => {
  expect(allocate({ pin: undefined }, { hasPorts: () => true })).toEqual({ kind: 'Exhausted' });
});
