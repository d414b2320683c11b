// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../../../kube/slim.ts';
import type { Secret } from '../../../../../kube/wire.ts';
import {
  channelOf,
  compileReportKey,
  storedReportKey,
} from '../../../../../operator/compile/workload/report-key.ts';

const owner = { kind: 'Firewall', namespace: 'shop', name: 'edge', uid: 'u1' } as const;
const key = Buffer.alloc(32, 5);
const compiled = compileReportKey(owner, key) as unknown as Secret;
const secret = {
  ...compiled,
  metadata: { ...compiled.metadata, creationTimestamp: '2026-11-30T12:00:05Z' },
} as Secret;

const pod = (creationTimestamp: string, annotations: Readonly<Record<string, string>> = {}): Pod =>
  ({
    metadata: { name: 'edge-1', namespace: 'shop', uid: 'p1', labels: {}, annotations, creationTimestamp },
  }) as never;

const withKey = { 'heddle.dev/report': 'key' };

describe('the key of a function', () => {
  test('is in a Secret of its owner, and is read back', () => {
    expect(compiled.metadata?.name).toBe('heddle-firewall-edge-report');
    expect(storedReportKey(secret)).toEqual(key);
    expect(storedReportKey({ ...secret, data: { psk: 'c2hvcnQ=' } })).toBeUndefined();
    expect(storedReportKey(undefined)).toBeUndefined();
  });

  test('is what a pod must prove that the operator made for it', () => {
    expect(channelOf(pod('2026-11-30T12:01:00Z', withKey), secret)).toEqual({ kind: 'Key', key });
    expect(channelOf(pod('2026-11-30T12:01:00Z', withKey), undefined)).toBeUndefined();
  });

  test('is not asked of a pod of the release before, which is older than the key', () => {
    expect(channelOf(pod('2026-11-30T11:00:00Z'), secret)).toEqual({ kind: 'Former' });
    expect(channelOf(pod('2026-11-30T11:00:00Z'), undefined)).toEqual({ kind: 'Former' });
  });

  test('is lacked by a newer pod that the operator did not make, and that is not asked', () => {
    expect(channelOf(pod('2026-11-30T12:01:00Z'), secret)).toBeUndefined();
  });
});
