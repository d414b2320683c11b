// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { renderHeartbeat, renderProbe } from '../../../../agent/health/frame.ts';
import { parseName, renderPlan, sameTargets, type Targets } from '../../../../agent/health/plan.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedBytes } from '../../../../api/net/mapped.ts';

const VTEP = mappedBytes(parseAddress('172.31.0.2'));
const PLACES = { ifindex: 9, probesMap: '/maps/probes', peersMap: '/maps/peers' };
const TARGETS: Targets = {
  attached: new Set([258]),
  instances: new Map([[258, new Set([4, 6] as const)]]),
  peers: new Map([['worker/1', VTEP]]),
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('frames of probes', () => {
  test('name the instance in their destination, and have room for round, time and nothing else', () => {
    const { bytes, stampAt } = renderProbe(258, 4);
    expect(hex(bytes)).toBe(
      '0a80000001020248656464010800' + // context: probe, for instance 258
        '4500003800000000' +
        '4011faa1' +
        'c0000009c000000a' +
        '0009000900240000' +
        '00'.repeat(28),
    );
    expect(stampAt).toBe(42);
  });

  test('of IPv4 have a right checksum', () => {
    const { bytes } = renderProbe(1, 4);
    const header = Buffer.from(bytes.subarray(14, 34));
    let sum = 0;
    for (let at = 0; at < 20; at += 2) sum += header.readUInt16BE(at);
    expect((sum & 0xffff) + (sum >> 16)).toBe(0xffff);
  });

  test('of IPv6 go between the addresses of chain0', () => {
    const { bytes, stampAt } = renderProbe(1, 6);
    expect(hex(bytes.subarray(22, 54))).toBe(
      'fd486564646c00650000000000000009fd486564646c00650000000000000010',
    );
    expect(stampAt).toBe(62);
    expect(bytes).toHaveLength(90);
  });

  test('of heartbeats carry the node that they go to', () => {
    const { bytes, stampAt } = renderHeartbeat(VTEP);
    expect(hex(bytes.subarray(0, 6))).toBe('0a8000000000');
    expect(hex(bytes.subarray(stampAt + 12))).toBe(hex(VTEP));
  });
});

describe('the plan of the probes', () => {
  test('says each family of an instance and each node once', () => {
    const { targets } = renderPlan(TARGETS, { intervalMs: 50, misses: 4 }, PLACES);
    expect(targets.map(({ name, map, every, misses }) => ({ name, map, every, misses }))).toEqual([
      { name: '4/258', map: '/maps/probes', every: 1, misses: 4 },
      { name: '6/258', map: '/maps/probes', every: 1, misses: 4 },
      { name: 'node/worker/1', map: '/maps/peers', every: 3, misses: 5 },
    ]);
    expect(targets.map(({ name }) => parseName(name))).toEqual([
      { kind: 'Instance', id: 258, family: 4 },
      { kind: 'Instance', id: 258, family: 6 },
      { kind: 'Node', node: 'worker/1' },
    ]);
  });

  test.each([
    [50, 3],
    [100, 1],
    [60, 2],
    [10, 15],
  ])('with probes every %i ms nodes hear from us each %i rounds: 150 ms at most', (intervalMs, every) => {
    const { targets } = renderPlan(TARGETS, { intervalMs, misses: 4 }, PLACES);
    expect(targets.at(-1)!.every).toBe(every);
  });

  test('is the same for the same targets in another order', () => {
    const other = { ...TARGETS, instances: new Map([[258, new Set([6, 4] as const)]]) };
    expect(sameTargets(TARGETS, other)).toBe(true);
    expect(sameTargets(TARGETS, { ...TARGETS, peers: new Map() })).toBe(false);
  });
});
