// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { NETWORKS_TABLE, type Placed, placeInPod } from '../../../../../agent/render/attachment/lookup.ts';
import { renderAttachment } from '../../../../../agent/render/attachment.ts';
import type { Port } from '../../../../../api/index.ts';
import { parseAddress, sameAddress } from '../../../../../api/net/address.ts';
import { containsAddress } from '../../../../../api/net/prefix.ts';
import { networkPort, node } from '../../../../kernel/attachment/ports.ts';

interface Interface {
  readonly name: string;
  readonly ifindex: number;
  readonly address: string;
  readonly ranges: readonly string[];
}

const CLUSTER = '10.244.1.5';

function portOf({ name, address }: Interface): Port {
  const port = networkPort({ uid: `uid-web`, addresses: [address], mac: '06:00:00:00:00:05' });
  return { ...port, metadata: { ...port.metadata, name }, spec: { ...port.spec, interface: name } };
}

/** What the kernel has when all interfaces of a pod are made. */
function placeAll(interfaces: readonly Interface[]): ReadonlyMap<string, Placed> {
  return new Map(
    interfaces.map((each) => {
      const attachment = renderAttachment({
        port: portOf(each),
        netnsPath: '/netns',
        network: { subnets: each.ranges, prefixes: [] },
        node,
        mates: interfaces.filter(({ name }) => name !== each.name).map(portOf),
      });
      const foreign = [CLUSTER, ...interfaces.filter(({ name }) => name !== each.name).map((i) => i.address)];
      const placed = placeInPod(attachment, { ifindex: each.ifindex, foreign: foreign.map(parseAddress) });
      return [each.name, placed] as const;
    }),
  );
}

/** The kernel's look-up: rules by priority, then the longest prefix, then the lowest metric. `main` is the pod's own. */
function lookUp(all: ReadonlyMap<string, Placed>, to: string, from?: string): string {
  const destination = parseAddress(to);
  const source = from === undefined ? undefined : parseAddress(from);
  const rules = [...all.values()].flatMap((placed) => placed.rules);
  for (const rule of [...rules].sort((a, b) => a.priority - b.priority)) {
    if (rule.source && !(source && sameAddress(rule.source, source))) continue;
    if (rule.table === 254) return 'main';
    const [best] = [...all]
      .flatMap(([name, { routes }]) => routes.map((route) => ({ name, ...route })))
      .filter((route) => route.table === rule.table && containsAddress(route.destination, destination))
      .sort((a, b) => b.destination.length - a.destination.length || (a.metric ?? 0) - (b.metric ?? 0));
    if (best) return best.name;
  }
  return 'main';
}

describe('the way of a pod’s packets', () => {
  const hidden = { name: 'net1', ifindex: 3, address: '10.244.1.50', ranges: ['10.244.0.0/16'] };

  it('is by the network for every address of it, whatever the pod’s own routes say', () => {
    const all = placeAll([hidden]);
    expect(lookUp(all, '10.244.1.9')).toBe('net1');
    expect(lookUp(all, '10.244.7.9')).toBe('net1');
    expect(lookUp(all, '10.96.0.10')).toBe('main');
    expect(all.get('net1')?.routes.every(({ table }) => table === NETWORKS_TABLE)).toBe(true);
  });

  it('is by the pod’s own network for packets with its own address: answers to the kubelet, for example', () => {
    expect(lookUp(placeAll([hidden]), '10.244.1.1', CLUSTER)).toBe('main');
    expect(lookUp(placeAll([hidden]), '10.244.1.1', hidden.address)).toBe('net1');
  });

  const one = { name: 'net2', ifindex: 9, address: '10.20.0.5', ranges: ['10.20.0.0/16', '10.30.0.0/16'] };
  const two = { name: 'net10', ifindex: 4, address: '10.20.0.6', ranges: ['10.20.0.0/16', '10.30.1.0/24'] };

  it('is by the network of their address for packets of a pod on networks with equal ranges', () => {
    const all = placeAll([one, two]);
    expect(lookUp(all, '10.20.0.99', one.address)).toBe('net2');
    expect(lookUp(all, '10.20.0.99', two.address)).toBe('net10');
    expect(lookUp(all, '10.20.0.99', CLUSTER)).toBe('main');
  });

  it('is otherwise by the longest prefix, then by the interface that comes first by its name', () => {
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      const all = placeAll(order);
      expect(lookUp(all, '10.20.0.99')).toBe('net2');
      expect(lookUp(all, '10.30.1.9')).toBe('net10');
      expect(lookUp(all, '10.30.2.9')).toBe('net2');
    }
  });

  it('does not change for equal ranges by any edit of either network', () => {
    const edits = [['10.20.0.0/16'], ['10.20.0.0/16', '10.9.0.0/16'], ['10.9.0.0/16', '10.20.0.0/16']];
    for (const first of edits) {
      for (const second of edits) {
        const all = placeAll([
          { ...two, ranges: second },
          { ...one, ranges: first },
        ]);
        expect(lookUp(all, '10.20.0.99')).toBe('net2');
        expect(lookUp(all, '10.20.0.99', two.address)).toBe('net10');
      }
    }
  });

  it('has no two routes that the kernel takes for one', () => {
    const routes = [...placeAll([one, two]).values()].flatMap((placed) => placed.routes);
    const keys = routes.map(({ table, destination, metric }) =>
      JSON.stringify([table, `${destination.value}/${destination.length}`, metric]),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('counts interfaces that the pod’s Ports list and that are not there yet', () => {
    const port = portOf(one);
    const metadata = { ...port.metadata, annotations: { 'heddle.dev/interfaces': 'net1,net2' } };
    const { lookup } = renderAttachment({
      port: { ...port, metadata },
      netnsPath: '/netns',
      network: { subnets: one.ranges, prefixes: [] },
      node,
    });
    expect(lookup).toEqual({ rank: 1, alone: false, mates: [] });
  });
});
