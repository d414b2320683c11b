// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { sameNetwork, samePort } from '../../../../agent/controllers/meaning.ts';
import type { Port, VirtualNetwork } from '../../../../api/index.ts';
import { renderNetworkObject, renderPodPort } from '../../../kernel/world/resources.ts';

const network = renderNetworkObject({ name: 'shop', vni: 7, subnets: ['10.0.0.0/24'] });
const port = renderPodPort({
  name: 'a',
  node: 'n',
  network: 'shop',
  vni: 7,
  addresses: ['10.0.0.2'],
  index: 1,
});

function withStatus(status: object): VirtualNetwork {
  return { ...network, status: { ...network.status, ...status } as NonNullable<VirtualNetwork['status']> };
}

function withConditions(...types: readonly string[]): Port {
  const conditions = types.map((type) => ({
    type,
    status: 'True' as const,
    reason: 'Fine',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
  return { ...port, status: { conditions } };
}

describe('a network whose status changed', () => {
  it('is unchanged for a node when only its counters changed', () => {
    expect(sameNetwork(network, withStatus({ ports: 12, nodes: 3 }))).toBe(true);
  });

  it.each([{ vni: 8 }, { mtu: 1300 }, { subnets: [{ cidr: '10.0.1.0/24', allocated: 1, available: 0 }] }])(
    'is changed with %o',
    (status) => expect(sameNetwork(network, withStatus(status))).toBe(false),
  );

  it('is changed when its spec changed, and when it is new or deleted', () => {
    const edited = { ...network, metadata: { ...network.metadata, generation: 2 } };
    expect(sameNetwork(network, edited)).toBe(false);
    expect(sameNetwork(undefined, network)).toBe(false);
    expect(sameNetwork(network, undefined)).toBe(false);
  });
});

describe('a Port whose status changed', () => {
  it('is the same to its network when it got ready', () => {
    expect(samePort(withConditions('Accepted'), withConditions('Accepted', 'Ready'))).toBe(true);
  });

  it('is another one when its claim holds now, or does no longer', () => {
    expect(samePort(withConditions(), withConditions('Accepted'))).toBe(false);
    expect(samePort(withConditions('Accepted'), withConditions())).toBe(false);
  });
});
