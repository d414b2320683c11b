// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { assembleChain, type Chain } from '../../../../agent/render/chain.ts';
import {
  decodeSide,
  decodeSideKey,
  PATH_F_AMBIGUOUS,
  PATH_F_ANY_BEHIND,
  PATH_F_ANY_SOURCE,
  PATH_F_REWRITES,
  SIDE_F_BEHIND,
  SIDE_F_FROM,
  SIDE_F_TO,
} from '../../../../agent/render/generated/layout.ts';
import { keyBytes } from '../../../../agent/render/keys.ts';
import { renderNetwork } from '../../../../agent/render/network.ts';
import type { ChainEnd, ChainHop } from '../../../../api/index.ts';
import { renderSlice } from '../../../kernel/world/resources.ts';
import { addresses, any, facts, pod, VNI } from './fixtures.ts';

const PORTS = [pod(1), pod(2), pod(3, 'there')];

function chain(options: {
  readonly kinds: readonly string[];
  readonly to?: ChainEnd;
  readonly behind?: ChainEnd;
}): Chain {
  const { kinds, to = addresses(100), behind } = options;
  const plan = { name: 'web', network: 'shop', pathId: 11, hops: [], from: any, to };
  const slice = renderSlice({ ...plan, ...(behind && { behind }) }, { vni: VNI, ports: [] });
  const hops = kinds.map(
    (kind, index): ChainHop => ({ kind, name: `f${index}`, onFailure: 'Closed', instances: [] }),
  );
  return assembleChain('test/web', [{ ...slice, spec: { ...slice.spec, hops } }])!;
}

function render(of: Chain) {
  const state = renderNetwork({ vni: VNI, mtu: 1450, ports: PORTS, chains: [of], facts: facts(PORTS) });
  const sides = new Map(
    [...state.sides].map(([key, value]) => [decodeSideKey(keyBytes(key)).classId, decodeSide(value).flags]),
  );
  const flagsOf = (index: number) => {
    const found = [...state.endpoints.values()].find(({ prefix }) => prefix.bytes[15] === index);
    return sides.get(found!.classId);
  };
  return { flags: state.paths.get(11)!.flags, size: state.sides.size, flagsOf };
}

describe('the ends of a path', () => {
  test('are not written when its functions keep addresses: the classifier says all', () => {
    expect(render(chain({ kinds: ['Firewall'] }))).toMatchObject({ size: 0, flags: 0 });
  });

  test('with a load balancer are its ends, and its backends', () => {
    const { flags, flagsOf } = render(
      chain({ kinds: ['Firewall', 'LoadBalancer'], to: addresses(1), behind: addresses(2, 3) }),
    );
    expect(flags).toBe(PATH_F_REWRITES | PATH_F_AMBIGUOUS);
    expect([1, 2, 3].map(flagsOf)).toEqual([
      SIDE_F_FROM | SIDE_F_TO,
      SIDE_F_FROM | SIDE_F_BEHIND,
      SIDE_F_FROM | SIDE_F_BEHIND,
    ]);
  });

  test('with a load balancer of which the operator does not say the backends are not checked behind it', () => {
    expect(render(chain({ kinds: ['LoadBalancer'] })).flags).toBe(PATH_F_REWRITES | PATH_F_ANY_BEHIND);
  });

  test('with a function of the user’s may have sources that nobody has', () => {
    expect(render(chain({ kinds: ['CustomFunction'] })).flags).toBe(PATH_F_REWRITES | PATH_F_ANY_SOURCE);
  });
});
