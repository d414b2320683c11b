// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { assembleChain } from '../../../../agent/render/chain.ts';
import {
  decodeListener,
  decodeListenerKey,
  PATH_F_REWRITES,
  PATH_F_TRANSLATED,
} from '../../../../agent/render/generated/layout.ts';
import { keyBytes } from '../../../../agent/render/keys.ts';
import { renderPaths } from '../../../../agent/render/paths.ts';
import type { ChainSliceSpec } from '../../../../api/index.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedBytes } from '../../../../api/net/mapped.ts';
import { renderSlice } from '../../../kernel/world/resources.ts';
import { VNI } from './fixtures.ts';

const EVERYTHING = { any: true } as const;
const NOTHING = { any: false } as const;
const VIRTUAL = ['10.20.0.100', 'fd20::100'];
const LISTENERS = [
  { protocol: 'TCP', port: 80, targetPort: 8080 },
  { protocol: 'UDP', port: 53, targetPort: 8080 },
] as const;

/** The path of a chain whose one function is a load balancer. */
function path(change: Partial<ChainSliceSpec> = {}) {
  const plan = { name: 'web.lb', network: 'shop', pathId: 11, hops: [], from: EVERYTHING, to: EVERYTHING };
  const slice = renderSlice(plan, { vni: VNI, ports: [] });
  const hops = [
    { kind: 'LoadBalancer', name: 'web', onFailure: 'Closed' as const, instances: [{ id: 1, node: 'here' }] },
  ];
  const spec = {
    ...slice.spec,
    virtual: VIRTUAL,
    straight: true,
    listeners: LISTENERS,
    hops,
    behind: NOTHING,
    ...change,
  };
  const chain = assembleChain('test/web.lb', [{ ...slice, spec }])!;
  return renderPaths([chain], { isDown: ({ state }) => state === 'Down' }).get(11)!;
}

describe('a path whose flows may be translated at their ends', () => {
  test('tells by protocol, family and target port what the client asked for', () => {
    const entries = [...path().listeners].map(([key, value]) => ({
      ...decodeListenerKey(keyBytes(key)),
      ...decodeListener(value),
    }));
    const asked = [
      { protocol: 6, port: 80 },
      { protocol: 17, port: 53 },
    ];
    expect(entries).toEqual(
      VIRTUAL.flatMap((own) =>
        asked.map(({ protocol, port }) => ({
          path: 11,
          protocol,
          family: own.includes(':') ? 6 : 4,
          targetPort: 8080,
          address: mappedBytes(parseAddress(own)),
          port,
        })),
      ),
    );
    expect(path().flags).toBe(PATH_F_REWRITES | PATH_F_TRANSLATED);
  });

  test('does not tell it where several listeners have one target port', () => {
    const listeners = [...LISTENERS, { protocol: 'TCP', port: 8080, targetPort: 8080 } as const];
    const entries = [...path({ listeners }).listeners].map(([key, value]) => {
      const { protocol, targetPort } = decodeListenerKey(keyBytes(key));
      return { protocol, targetPort, port: decodeListener(value).port };
    });
    expect(entries).toEqual(
      VIRTUAL.flatMap(() => [
        { protocol: 6, targetPort: 8080, port: 0 },
        { protocol: 17, targetPort: 8080, port: 53 },
      ]),
    );
  });

  test.each<[string, Partial<ChainSliceSpec>]>([
    ['the chain does not ask for it', { straight: false }],
    ['the operator says no listeners', { listeners: [] }],
    [
      'no instance takes flows',
      { hops: [{ kind: 'LoadBalancer', name: 'web', onFailure: 'Closed', instances: [] }] },
    ],
  ])('is an ordinary one where %s', (_why, change) => {
    expect(path(change).flags).toBe(PATH_F_REWRITES);
  });
});
