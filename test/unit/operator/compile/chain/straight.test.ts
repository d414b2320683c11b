// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ServiceChain, ServiceChainSpec } from '../../../../../api/index.ts';
import type { FunctionFacts, HopFacts } from '../../../../../operator/compile/chain/hops.ts';
import { straightOf } from '../../../../../operator/compile/chain/straight.ts';

const LISTENERS = [{ protocol: 'TCP', port: 80, targetPort: 8080 }] as const;
const judge: HopFacts = hop('Firewall', 'edge', { judgesBeginnings: true });
const inspector: HopFacts = hop('Firewall', 'inspect', { judgesBeginnings: false });
const balancer: HopFacts = hop('LoadBalancer', 'web', { judgesBeginnings: false, translates: LISTENERS });

function hop(
  kind: HopFacts['ref']['kind'],
  name: string,
  found: Omit<FunctionFacts, 'desired'> | undefined,
): HopFacts {
  return {
    ref: { kind, name, onFailure: 'Closed' },
    found: found && { desired: 1, ...found },
    instances: [],
  };
}

function chain(spec: Partial<ServiceChainSpec> = {}): ServiceChain {
  return {
    spec: { network: 'shop', establishedFlows: 'Straight', to: [{ loadBalancer: 'web' }], ...spec },
  } as ServiceChain;
}

describe('established flows', () => {
  test('go as they are round functions that only judge how they begin', () => {
    expect(straightOf(chain({ to: [] }), [judge, judge])).toEqual({ kind: 'Untouched' });
  });

  test('are translated where a load balancer is the only function and all that the chain leads to', () => {
    expect(straightOf(chain(), [balancer])).toEqual({ kind: 'Translated', listeners: LISTENERS });
  });

  test.each<[string, ServiceChain, readonly HopFacts[]]>([
    ['the chain does not ask for it', chain({ establishedFlows: 'Through' }), [judge]],
    ['a function must see every packet', chain(), [judge, inspector]],
    ['a function is missing', chain(), [judge, hop('Firewall', 'gone', undefined)]],
    ['a firewall stands before the balancer', chain(), [judge, balancer]],
    ['a firewall stands behind the balancer', chain(), [balancer, judge]],
    ['there are two balancers', chain(), [balancer, balancer]],
    ['the chain leads to nothing', chain({ to: [] }), [balancer]],
    [
      'nobody can say what the balancer does',
      chain(),
      [hop('LoadBalancer', 'web', { judgesBeginnings: false })],
    ],
    ['the chain leads to everybody', chain({ to: undefined }), [balancer]],
    [
      'the chain leads to pods too',
      chain({ to: [{ loadBalancer: 'web' }, { podSelector: {} }] }),
      [balancer],
    ],
    ['the chain leads to another balancer', chain({ to: [{ loadBalancer: 'other' }] }), [balancer]],
  ])('go the long way where %s', (_why, object, hops) => {
    expect(straightOf(object, hops)).toBeUndefined();
  });
});
