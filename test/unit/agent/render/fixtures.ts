// SPDX-License-Identifier: Apache-2.0
import { assembleChain, type Chain } from '../../../../agent/render/chain.ts';
import type { Facts } from '../../../../agent/render/facts.ts';
import type { ChainEnd, ChainPort, Port } from '../../../../api/index.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedBytes } from '../../../../api/net/mapped.ts';
import { renderNode, renderPodPort, renderSlice } from '../../../kernel/world/resources.ts';

export const VNI = 4097;

/** A node `here` with a device for each of its Ports, and a node `there`. */
export function facts(ports: readonly Port[]): Facts {
  const local = ports
    .filter(({ spec }) => spec.node === 'here')
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const there = renderNode('there', '172.31.0.2');
  return {
    node: 'here',
    isDown: ({ state }) => state === 'Down',
    rightIfindexOf: () => undefined,
    isLeaving: () => false,
    ifindexOf: (key) => (local.includes(key) ? local.indexOf(key) + 10 : undefined),
    vtepOf: (node) =>
      node === 'there' ? mappedBytes(parseAddress(there.status.internalIPs[0]!)) : undefined,
  };
}

export function pod(index: number, node: 'here' | 'there' = 'here', prefixes?: readonly string[]): Port {
  return renderPodPort({
    name: `pod-${index}`,
    node,
    network: 'shop',
    vni: VNI,
    addresses: [`10.20.0.${index}`],
    index,
    ...(prefixes ? { prefixes } : {}),
  });
}

export function chain(options: {
  readonly pathId: number;
  readonly from: ChainEnd;
  readonly to: ChainEnd;
  readonly priority?: number;
  readonly ports?: readonly ChainPort[];
  readonly hops?: number;
}): Chain {
  const slice = renderSlice(
    { ...options, name: `chain-${options.pathId}`, network: 'shop', hops: [] },
    { vni: VNI, ports: [] },
  );
  const hops = Array.from({ length: options.hops ?? 1 }, (_, position) => ({
    kind: 'Firewall',
    name: `f${position}`,
    onFailure: 'Closed' as const,
    instances: [{ id: options.pathId * 100 + position, node: 'here' }],
  }));
  const assembled = assembleChain(`test/chain-${options.pathId}`, [
    { ...slice, spec: { ...slice.spec, hops } },
  ]);
  if (!assembled) throw new Error('a chain with slice 0 must assemble');
  return assembled;
}

export const addresses = (...indexes: readonly number[]): ChainEnd => ({
  any: false,
  addresses: indexes.map((index) => `10.20.0.${index}`),
});
export const cidr = (text: string, ...except: readonly string[]): ChainEnd => ({
  any: false,
  cidrs: [{ cidr: text, except: [...except] }],
});
export const any: ChainEnd = { any: true };
