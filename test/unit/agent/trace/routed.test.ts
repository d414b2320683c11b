// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { judgeRouted } from '../../../../agent/trace/routed.ts';
import type { Port } from '../../../../api/index.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { networkPort, node } from '../../../kernel/attachment/ports.ts';

const NETWORKS = {
  net1: { subnets: ['10.20.0.0/16', '10.244.0.0/16'], prefixes: [], routes: ['10.20.0.0/16'] },
  net2: { subnets: ['10.20.0.0/16', '10.20.7.0/24', '10.30.0.0/16'], prefixes: [] },
} as const;

type Name = keyof typeof NETWORKS;

function portOf(name: Name, address: string): Port {
  const port = networkPort({ uid: 'uid-web', addresses: [address], mac: '06:00:00:00:00:05' });
  const network = { namespace: 'default', name: `of-${name}` };
  return {
    ...port,
    metadata: { ...port.metadata, name },
    spec: { ...port.spec, network, interface: name },
  };
}

const PORTS = { net1: portOf('net1', '10.20.0.5'), net2: portOf('net2', '10.20.0.6') };

function judge(name: Name, to: string, options: { alone?: boolean; from?: string; port?: Port } = {}) {
  const { alone = false, from = PORTS[name].spec.addresses![0]!, port = PORTS[name] } = options;
  return judgeRouted(port, {
    mates: alone ? [] : Object.values(PORTS).filter((mate) => mate !== PORTS[name]),
    packet: {
      source: parseAddress(from),
      destination: parseAddress(to),
      protocol: 6,
      sourcePort: 40_000,
      destinationPort: 80,
      opens: false,
    },
    sources: { node, factsOf: ({ spec }) => NETWORKS[spec.interface as Name] },
  });
}

describe('a trace knows that a packet', () => {
  it('leaves by the interface whose network has the destination', () => {
    expect(judge('net1', '10.20.0.9', { alone: true })).toEqual({ kind: 'Here' });
    expect(judge('net1', '10.20.0.9')).toEqual({ kind: 'Here' });
    expect(judge('net2', '10.20.7.9')).toEqual({ kind: 'Here' });
  });

  it('leaves by the pod’s own network where the network’s range is not routed into the pod', () => {
    expect(judge('net1', '10.244.1.9', { alone: true })).toEqual({
      kind: 'Elsewhere',
      why:
        'the pod does not route 10.244.1.9 by net1 on network default/of-net1: ' +
        'it sends the packet by its own routes, into the cluster and round the chains of this network',
    });
  });

  it('leaves by another network that has the destination', () => {
    expect(judge('net1', '10.30.0.9')).toMatchObject({
      kind: 'Elsewhere',
      why: expect.stringContaining('it sends the packet by net2 on network default/of-net2'),
    });
  });

  it('leaves by the other one of two networks with equal ranges, unless the program binds its socket', () => {
    expect(judge('net2', '10.20.0.9')).toMatchObject({
      kind: 'Here',
      note: expect.stringMatching(/only from a socket that is bound to 10\.20\.0\.6 or net2: .* by net1 on/),
    });
    expect(judge('net1', '10.20.7.9')).toMatchObject({ note: expect.stringContaining('by net2 on') });
  });

  it('is not judged where the pod only forwards it, and in a gateway, which has routes of its own', () => {
    expect(judge('net1', '8.8.8.8', { from: '10.99.0.1' })).toEqual({ kind: 'Here' });
    const { metadata } = PORTS.net1;
    const gateway = { ...PORTS.net1, metadata: { ...metadata, labels: { 'heddle.dev/gateway': 'true' } } };
    expect(judge('net1', '8.8.8.8', { port: gateway })).toEqual({ kind: 'Here' });
  });
});
