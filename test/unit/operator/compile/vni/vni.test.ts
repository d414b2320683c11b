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

describe('a VNI', () => {
  const holder = (key: string, more: Partial<VniHolder> = {}): VniHolder => ({
    key,
    createdAt: '2026-11-23T15:00:00Z',
    pin: undefined,
    held: undefined,
    used: false,
    ...more,
  });
  const sources = (networks: readonly VniHolder[], more: Partial<VniSources> = {}): VniSources => ({
    holding: (vni) => networks.filter(({ held }) => held === vni),
    pinning: (vni) => networks.filter(({ pin }) => pin === vni),
    nodesWith: () => [],
    hasPorts: () => false,
    ...more,
  });
  const allocate = (
    network: VniHolder,
    others: readonly VniHolder[],
    more: Partial<VniSources> = {},
    start = 10,
  ) => allocateVni({ network, sources: sources([network, ...others], more), start });

  test('is the first from the start that no network holds or pins, no node has and no Port carries', () => {
    const others = [holder('a', { held: 10 }), holder('b', { pin: 11 })];
    const more = {
      nodesWith: (vni: number) => (vni === 12 ? ['n'] : []),
      hasPorts: (vni: number) => vni === 13,
    };
    expect(allocate(holder('x'), others, more)).toEqual({ kind: 'Take', vni: 14 });
  });

  test('is searched round the end', () => {
    expect(allocate(holder('x'), [holder('a', { held: 16_777_215 })], {}, 16_777_215)).toEqual({
      kind: 'Take',
      vni: 1,
    });
  });

  test('once held stays, even if a younger network pins it', () => {
    const younger = holder('y', { pin: 10, createdAt: '2026-11-23T15:00:01Z' });
    expect(allocate(holder('x', { held: 10 }), [younger])).toEqual({ kind: 'Keep', vni: 10 });
    expect(allocate(younger, [holder('x', { held: 10 })])).toMatchObject({
      kind: 'Conflict',
      message: expect.stringContaining('held by network x'),
    });
  });

  test('that two pin and none holds goes to the older', () => {
    const older = holder('z', { pin: 10 });
    const younger = holder('a', { pin: 10, createdAt: '2026-11-23T15:00:01Z' });
    expect(allocate(older, [younger])).toEqual({ kind: 'Take', vni: 10 });
    expect(allocate(younger, [older])).toMatchObject({ kind: 'Conflict' });
  });

  test('that two leaders gave twice stays with the older network: the younger gets another one if it has no Ports, otherwise a condition says so', () => {
    const older = holder('a', { held: 10 });
    const younger = holder('b', { held: 10, createdAt: '2026-11-23T15:00:01Z' });
    expect(allocate(older, [younger])).toEqual({ kind: 'Keep', vni: 10 });
    expect(allocate(younger, [older])).toEqual({ kind: 'Take', vni: 11 });
    expect(allocate({ ...younger, used: true }, [older])).toMatchObject({ kind: 'Conflict' });
  });
});
