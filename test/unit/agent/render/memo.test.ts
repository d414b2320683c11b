// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { assembleChain } from '../../../../agent/render/chain.ts';
import type { Facts } from '../../../../agent/render/facts.ts';
import { renderNetwork } from '../../../../agent/render/network.ts';
import type { Port } from '../../../../api/index.ts';
import { renderPodPort, renderSlice } from '../../../kernel/world/resources.ts';
import { addresses, VNI } from './fixtures.ts';

function port(index: number, node = 'there'): Port {
  const own = [`10.20.0.${index}`];
  return renderPodPort({ name: `pod-${index}`, node, network: 'shop', vni: VNI, addresses: own, index });
}

const ports = [1, 2, 3].map((index) => port(index));
const chain = { name: 'web', network: 'shop', pathId: 7, hops: [], to: { any: true } };
const slices = [renderSlice({ ...chain, from: addresses(1, 2) }, { vni: VNI, ports: [] })];

function facts(vtep: number, ifindex?: number): Facts {
  return {
    node: 'here',
    vtepOf: () => Uint8Array.of(...new Array(10).fill(0), 0xff, 0xff, 172, 31, 0, vtep),
    ifindexOf: () => ifindex,
    rightIfindexOf: () => undefined,
    isLeaving: () => false,
    isDown: () => false,
  };
}

function render(of: readonly Port[], known: Facts, from = slices) {
  const assembled = assembleChain('test/web', from);
  const state = renderNetwork({
    vni: VNI,
    mtu: 1450,
    ports: of,
    chains: assembled ? [assembled] : [],
    facts: known,
  });
  return [...state.endpoints.values()].filter(({ owner }) => owner.flags !== 0);
}

describe('a network that is rendered again', () => {
  it('has the same objects for all Ports that did not change, so that a change costs what it changes', () => {
    const before = render(ports, facts(1));
    const after = render([...ports, port(4)], facts(1));
    expect(after.slice(0, 3).every((endpoint, index) => endpoint === before[index])).toBe(true);
    expect(after).toHaveLength(4);
  });

  it('follows a node that has another address', () => {
    render(ports, facts(1));
    expect(render(ports, facts(2)).map(({ owner }) => owner.vtep[15])).toEqual([2, 2, 2]);
  });

  it('follows a Port that was attached by another device', () => {
    const own = [port(9, 'here')];
    expect(render(own, facts(1, 5)).map(({ owner }) => owner.ifindex)).toEqual([5]);
    expect(render(own, facts(1, 6)).map(({ owner }) => owner.ifindex)).toEqual([6]);
    expect(render(own, facts(1))).toEqual([]);
  });

  it('follows a chain whose slice was replaced', () => {
    const before = render(ports, facts(1)).map(({ classId }) => classId);
    const other = [renderSlice({ ...chain, from: addresses(3) }, { vni: VNI, ports: [] })];
    const after = render(ports, facts(1), other).map(({ classId }) => classId);
    expect(after).toEqual([before[2], before[2], before[0]]);
  });

  it('follows a chain that got a slice more', () => {
    const [head] = slices;
    const second = renderSlice({ ...chain, from: addresses(3) }, { vni: VNI, ports: [] });
    const more = [head!, { ...second, spec: { ...second.spec, slice: 1 } }];
    const [a, b, c] = render(ports, facts(1), more).map(({ classId }) => classId);
    expect([b, c]).toEqual([a, a]);
  });
});
