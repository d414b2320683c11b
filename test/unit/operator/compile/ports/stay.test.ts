// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Port } from '../../../../../api/index.ts';
import { guestDeadline, judgeStay } from '../../../../../operator/compile/ports/stay.ts';
import { makeNetwork } from '../../world.ts';

const NOW = new Date('2026-11-30T12:00:00Z');

function port(namespace: string): Port {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { name: 'a-net1-1', namespace },
    spec: {
      network: { namespace: 'shop', name: 'net' },
      pod: { name: 'a', uid: 'u' },
      node: 'worker-1',
      interface: 'net1',
    },
  };
}

function stay(options: {
  readonly namespace?: string;
  readonly admits?: boolean;
  readonly attach?: object;
  readonly deletedAt?: string;
}) {
  const { namespace = 'guests', admits = false, attach = {}, deletedAt } = options;
  const network = makeNetwork('net', {
    spec: { attach: { namespaces: 'Same', ...attach } },
    metadata: deletedAt === undefined ? {} : { deletionTimestamp: deletedAt },
  });
  return judgeStay({ port: port(namespace), network, admits, now: NOW });
}

describe('a guest that its network admits no longer (security.md: guest-exhausts-network)', () => {
  test('stays, unless the network evicts its guests', () => {
    expect(stay({})).toMatchObject({ kind: 'Stays' });
    expect(stay({ attach: { evict: false } })).toMatchObject({ kind: 'Stays' });
    expect(stay({ attach: { evict: true } })).toMatchObject({ kind: 'Leaves', reason: 'Evicted' });
    expect(stay({ attach: { evict: true }, admits: true })).toMatchObject({ kind: 'Stays' });
  });
});

describe('a network that is being deleted', () => {
  test('waits for its guests for a time, ten minutes if it names none, and then detaches them', () => {
    expect(stay({ deletedAt: '2026-11-30T11:50:01Z', admits: true })).toEqual({
      kind: 'Stays',
      againAfterMs: 1000,
    });
    expect(stay({ deletedAt: '2026-11-30T11:50:00Z', admits: true })).toMatchObject({
      kind: 'Leaves',
      reason: 'NetworkDeleting',
    });
    expect(stay({ deletedAt: '2026-11-30T11:59:58Z', attach: { leaveSeconds: 1 } })).toMatchObject({
      kind: 'Leaves',
    });
    expect(guestDeadline(makeNetwork('net'))).toBeUndefined();
  });

  test('detaches no pod of its own namespace', () => {
    const old = { deletedAt: '2026-11-01T00:00:00Z', attach: { evict: true, leaveSeconds: 0 } };
    expect(stay({ namespace: 'shop', ...old })).toMatchObject({ kind: 'Stays', againAfterMs: undefined });
  });
});
