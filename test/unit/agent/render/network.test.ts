// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Chain } from '../../../../agent/render/chain.ts';
import {
  ENDPOINT_F_BACKEND,
  ENDPOINT_F_PORT,
  ENDPOINT_F_VIRTUAL,
  PATH_F_AMBIGUOUS,
} from '../../../../agent/render/generated/layout.ts';
import { prefixKey } from '../../../../agent/render/keys.ts';
import { renderNetwork } from '../../../../agent/render/network.ts';
import type { Port } from '../../../../api/index.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedHost, mappedPrefix } from '../../../../api/net/mapped.ts';
import { parsePrefix } from '../../../../api/net/prefix.ts';
import { addresses, any, chain, cidr, facts, pod, VNI } from './fixtures.ts';

const POOL = '10.99.0.0/24';
const ports = [pod(1), pod(2, 'there', [POOL]), pod(3, 'here', ['10.99.0.0/28'])];

function render(chains: readonly Chain[], of: readonly Port[] = ports) {
  const state = renderNetwork({ vni: VNI, mtu: 1450, ports: of, chains, facts: facts(of) });
  const at = (text: string) =>
    state.endpoints.get(
      prefixKey(text.includes('/') ? mappedPrefix(parsePrefix(text)) : mappedHost(parseAddress(text))),
    );
  return { state, at };
}

describe('a range that a chain names', () => {
  test('is no destination: only addresses of Ports are', () => {
    const { at } = render([chain({ pathId: 1, from: any, to: cidr('10.20.0.0/16', '10.20.9.0/24') })]);
    for (const range of ['::/0', '10.20.0.0/16', '10.20.9.0/24']) {
      expect(at(range)?.owner).toMatchObject({ flags: 0, ifindex: 0 });
    }
    expect(at('10.20.0.1')?.owner).toMatchObject({ flags: ENDPOINT_F_PORT, ifindex: 10 });
  });

  test('inside the range of a Port leads to that Port, to the longest range around it', () => {
    const { at } = render([chain({ pathId: 1, from: cidr('10.99.0.4/31'), to: cidr('10.99.0.64/27') })]);
    expect(at('10.99.0.4/31')?.owner).toEqual(at('10.99.0.0/28')?.owner);
    expect(at('10.99.0.64/27')?.owner).toEqual(at(POOL)?.owner);
    expect(at(POOL)?.owner.vtep[15]).toBe(2);
  });
});

describe('the address of a load balancer', () => {
  const balanced = (address: string): Chain => ({
    ...chain({ pathId: 1, from: any, to: cidr(`${address}/32`) }),
    virtual: [mappedHost(parseAddress(address))],
  });

  test('is a destination by a path only', () => {
    expect(render([balanced('10.20.0.77')]).at('10.20.0.77')?.owner.flags).toBe(ENDPOINT_F_VIRTUAL);
  });

  test('stays the pod’s if a pod has it nevertheless', () => {
    expect(render([balanced('10.20.0.1')]).at('10.20.0.1')?.owner).toMatchObject({ ifindex: 10 });
  });
});

test('an address to which a load balancer may send is marked, on every node; others are not', () => {
  const plan = { pathId: 1, from: addresses(1, 2), to: cidr('10.20.0.77/32') };
  const { at } = render([{ ...chain({ ...plan, from: any }), behind: chain(plan).from }]);
  expect(at('10.20.0.1')?.owner.flags).toBe(ENDPOINT_F_PORT | ENDPOINT_F_BACKEND);
  expect(at('10.20.0.2')?.owner.flags).toBe(ENDPOINT_F_PORT | ENDPOINT_F_BACKEND);
  expect(at('10.20.0.3')?.owner.flags).toBe(ENDPOINT_F_PORT);
});

describe('rules', () => {
  const pairs = (chains: readonly Chain[], of: readonly Port[] = ports) =>
    render(chains, of).state.pairs.length;

  test('are those whose source is a Port of this node, both ways', () => {
    expect(pairs([chain({ pathId: 1, from: addresses(1), to: addresses(3) })])).toBe(2);
    expect(pairs([chain({ pathId: 1, from: addresses(1), to: addresses(2) })])).toBe(1);
    expect(pairs([chain({ pathId: 1, from: addresses(2), to: addresses(200) })])).toBe(0);
  });

  test('mark a path that both ends can open', () => {
    const flags = (from: typeof any, to: typeof any) =>
      render([chain({ pathId: 1, from, to })]).state.paths.get(1)!.flags;
    expect(flags(any, any)).toBe(PATH_F_AMBIGUOUS);
    expect(flags(addresses(1), addresses(3))).toBe(0);
  });
});
