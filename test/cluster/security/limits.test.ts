// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { findCondition } from '../../../api/conditions.ts';
import type { ChainSlice, ServiceChain } from '../../../api/index.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { worldOf } from '../network/world.ts';

// A tenant whose chains name so many different sets of addresses that the pairs of these sets fill the classifier of a
// node (security.md: tenant-fills-node). No pod is needed: every chain names ranges.

const tenant = useNamespace('limits');
const other = useNamespace('limits-other');

/** The ends of this many chains, `from` and `to`; each of 256 ranges is in three of them, and no two in the same three. */
const CHAINS = 13;
const ENDS = 2 * CHAINS;

function rangesOf(end: number): readonly { cidr: string }[] {
  return Array.from({ length: 256 }, (_, i) => i)
    .filter((i) => {
      const first = i % ENDS;
      const step = Math.floor(i / ENDS);
      return [first, (first + 1 + step) % ENDS, (first + 12) % ENDS].includes(end);
    })
    .map((i) => ({ cidr: `10.64.${i}.0/24` }));
}

function chain(
  name: string,
  ends: { from?: readonly object[]; to?: readonly object[] },
  priority = 1000,
): object {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: { name },
    spec: { network: 'net', priority, ...ends, functions: [{ kind: 'Firewall', name: 'none' }] },
  };
}

const reference = (name: string, namespace: string) => ({ kind: 'servicechain', name, namespace });

describe('a tenant whose chains would fill the classifier of a node', () => {
  beforeAll(async () => {
    for (const namespace of [tenant, other]) {
      await worldOf(namespace, 'none').network('net', { subnets: [{ cidr: '10.64.0.0/16' }] });
    }
    await apply([chain('everything', {}, 0)], tenant);
    await waitForCondition(reference('everything', tenant), 'Programmed');
  });

  let refused: string;

  test('is refused a chain that is too much, with the figures; the older ones stay', async () => {
    const chains = Array.from({ length: CHAINS }, (_, i) =>
      chain(`chain-${i}`, { from: rangesOf(2 * i), to: rangesOf(2 * i + 1) }),
    );
    await apply(chains, tenant);
    const found = await eventually('a chain is refused', async () => {
      const all = await list<ServiceChain>('servicechains', { namespace: tenant });
      return all.find(
        ({ status }) => findCondition(status?.conditions, 'Accepted')?.reason === 'LimitExceeded',
      );
    });
    refused = found.metadata.name;
    expect(findCondition(found.status?.conditions, 'Accepted')?.message).toMatch(
      /would need at least \d+ entries in the maps of a node, and may have 65536/,
    );
    await waitForCondition(reference('everything', tenant), 'Programmed');
    const slices = await list<ChainSlice>('chainslices.internal.heddle.dev', { namespace: tenant });
    expect(slices.map(({ spec }) => spec.chain)).not.toContain(refused);
    expect(slices.length).toBeGreaterThan(CHAINS / 2);
  });

  test('is not noticed by another tenant', async () => {
    await apply([chain('mine', { from: [{ cidr: '10.64.0.1/32' }] })], other);
    await waitForCondition(reference('mine', other), 'Accepted');
    await waitForCondition(reference('mine', other), 'Programmed');
  });

  test('gets the chain by itself when there is room', async () => {
    const others = ['chain-0', 'chain-1', 'chain-2'].filter((name) => name !== refused);
    await kubectl(['delete', 'servicechain', ...others, '--wait=false'], { namespace: tenant });
    await waitForCondition(reference(refused, tenant), 'Programmed');
  });
});
