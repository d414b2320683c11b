// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { ServiceChain, ServiceChainSpec } from '../../../../../api/index.ts';
import { parseRange } from '../../../../../api/net/range.ts';
import { compileWays, shutChain } from '../../../../../operator/compile/function/ways.ts';

const lb = { kind: 'LoadBalancer', name: 'web', onFailure: 'Closed' } as const;
const fw = { kind: 'Firewall', name: 'edge', onFailure: 'Closed' } as const;
const addresses = ['10.20.0.100', 'fd20::100'];
const own = chain('web.lb', { priority: -1, to: [{ loadBalancer: 'web' }] }, { pathId: 50 });

function chain(name: string, spec: Partial<ServiceChainSpec>, status: ServiceChain['status']): ServiceChain {
  return {
    metadata: { namespace: 'shop', name, creationTimestamp: '2026-11-23T15:00:00Z' },
    spec: { network: 'mall', priority: 1000, establishedFlows: 'Through', functions: [lb], ...spec },
    status,
  } as ServiceChain;
}

function ways(chains: readonly ServiceChain[], isExposed = true) {
  return compileWays(options(chains, isExposed));
}

function options(chains: readonly ServiceChain[], isExposed = true) {
  return {
    balancer: { name: 'web', network: 'mall', isExposed, addresses },
    others: () => undefined,
    chains,
    own: ['10.20.0.0/16', 'fd20::/64', '192.0.2.128/25', '10.20.8.0/24'].map(parseRange),
  };
}

describe('health checks', () => {
  test('take the load balancer’s own chain, whatever other chains name it and whatever their ids are', () => {
    for (const pathId of [1, 99]) {
      const strict = chain('strict', { functions: [lb, fw] }, { pathId });
      expect(ways([strict, own], false)).toEqual({ checks: { pathId: 50, position: 0 } });
      expect(ways([own, strict], false)).toEqual({ checks: { pathId: 50, position: 0 } });
    }
  });

  test('do not take a chain that is on no node, nor one that only has the priority of an own chain', () => {
    const accepted = [{ type: 'Accepted', status: 'False', reason: 'LimitExceeded' }];
    const refused = { ...own, status: { pathId: 50, conditions: accepted } } as unknown as ServiceChain;
    const foreign = chain('foreign.lb', { priority: -1, functions: [lb, fw] }, { pathId: 2 });
    expect(ways([refused, foreign], false)).toEqual({ checks: { pathId: 2, position: 0 } });
    expect(ways([foreign, own], false)).toEqual({ checks: { pathId: 50, position: 0 } });
  });

  test('take the chain of highest precedence while it has no path, and none while no chain has', () => {
    const pending = { ...own, status: {} };
    const late = chain('late', { functions: [fw, lb], priority: 10 }, { pathId: 3 });
    const first = chain('first', { functions: [fw, lb], priority: 20 }, { pathId: 4 });
    expect(ways([late, first, pending], false)).toEqual({ checks: { pathId: 4, position: 1 } });
    expect(ways([pending], false)).toEqual({});
    const elsewhere = chain('elsewhere', { network: 'other' }, { pathId: 5 });
    expect(ways([elsewhere], false)).toEqual({});
  });
});

describe('clients outside (security.md: outside-evades-chain)', () => {
  const everybody = { addresses, enter: { pathId: 50, position: 0, balanced: 0 } };

  test('take the own chain where no other names the load balancer', () => {
    expect(ways([own]).outside).toEqual([everybody]);
  });

  test('pass all functions of a chain that takes them: before the balancer by a path of their own', () => {
    const guarded = chain('guarded', { functions: [fw, lb] }, { pathId: 3, outsidePathId: 4 });
    expect(ways([own, guarded]).outside).toEqual([
      { addresses, from: ['10.20.0.0/16', '192.0.2.128/25', 'fd20::/64'] },
      { addresses, enter: { pathId: 4, position: 0, balanced: 2 } },
      everybody,
    ]);
    const strict = chain('strict', { functions: [lb, fw] }, { pathId: 3 });
    expect(ways([own, strict]).outside).toEqual([
      { addresses, enter: { pathId: 3, position: 0, balanced: 0 } },
      everybody,
    ]);
  });

  test('are not let in while a function comes first and that path is missing', () => {
    const guarded = chain('guarded', { functions: [fw, lb] }, { pathId: 3 });
    expect(ways([own, guarded]).outside?.[1]).toEqual({ addresses });
  });

  test('are those of a `cidr` without the network’s own addresses, and of its ports', () => {
    const ports = [{ protocol: 'TCP', port: 80 }] as const;
    const from = [{ cidr: '192.0.2.0/24' }, { podSelector: {} }];
    const strict = chain('strict', { from, ports, functions: [lb, fw] }, { pathId: 3 });
    const enter = { pathId: 3, position: 0, balanced: 0 };
    expect(ways([own, strict]).outside?.[0]).toEqual({ addresses, from: ['192.0.2.0/25'], ports, enter });
    const guarded = chain('guarded', { from, functions: [fw, lb] }, { pathId: 3, outsidePathId: 4 });
    expect(ways([own, guarded]).outside?.slice(0, 2)).toEqual([
      { addresses, from: ['192.0.2.128/25'] },
      { addresses, from: ['192.0.2.0/25'], enter: { pathId: 4, position: 0, balanced: 2 } },
    ]);
    const within = chain('within', { from: [{ cidr: '10.20.1.0/24' }], functions: [lb, fw] }, { pathId: 3 });
    expect(ways([own, within]).outside).toEqual([everybody]);
    const pods = chain('pods', { from: [{ podSelector: {} }], functions: [fw, lb] }, { pathId: 3 });
    expect(ways([own, pods]).outside).toEqual([everybody]);
  });

  test('are shut out by the chain that would take all of them', () => {
    const guarded = chain('guarded', { functions: [fw, lb] }, { pathId: 3 });
    expect(shutChain(options([own, guarded]))).toBe('guarded');
    const open = { ...guarded, status: { pathId: 3, outsidePathId: 4 } };
    expect(shutChain(options([own, open]))).toBeUndefined();
    const some = chain('some', { functions: [fw, lb], ports: [{ protocol: 'TCP' }] }, { pathId: 3 });
    expect(shutChain(options([own, some]))).toBeUndefined();
    expect(shutChain(options([own]))).toBeUndefined();
    expect(shutChain(options([]))).toBeUndefined();
  });

  test('have nothing where the load balancer is not exposed', () => {
    expect(ways([own], false)).not.toHaveProperty('outside');
  });
});
