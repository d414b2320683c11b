// SPDX-License-Identifier: Apache-2.0
import { instanceMac } from '../../api/context/context.ts';
import { frameInterfaces, type Port } from '../../api/index.ts';
import { type Mac, parseMac } from '../../api/net/mac.ts';
import { isFramePort, renderFramePart, rightMacOf } from './attachment/frames.ts';
import { renderInstancePart } from './attachment/instance.ts';
import { carriesIpv6, whyNoIpv6 } from './attachment/ipv6.ts';
import { renderLookup } from './attachment/lookup.ts';
import { hostMacOf, hostNameOf } from './attachment/names.ts';
import { renderNetworkPart } from './attachment/network.ts';
import type { Attachment, NetworkFacts, NodeFacts } from './attachment/types.ts';

export { isFramePort } from './attachment/frames.ts';
export { aliasOf, hostNameOf, isHostName, parseAlias } from './attachment/names.ts';
export type * from './attachment/types.ts';

/** The error that a Port lacks something that an attachment needs; the message names it. The pod must not start. */
export class UnfitPortError extends Error {
  constructor(port: Port, problem: string) {
    super(`Port ${port.metadata.namespace}/${port.metadata.name}: ${problem}`);
    this.name = 'UnfitPortError';
  }
}

/**
 * Renders the interface of a Port. `network` is absent for the `chain0` of a function's instance, which belongs
 * to no network.
 */
export function renderAttachment(options: {
  readonly port: Port;
  readonly netnsPath: string;
  readonly network?: NetworkFacts;
  readonly node: NodeFacts;
  /** The other Ports of the pod that are on networks. */
  readonly mates?: readonly Port[];
}): Attachment {
  const { port, netnsPath, network, node, mates = [] } = options;
  const { spec } = port;
  const ends = {
    podUid: spec.pod.uid,
    netnsPath,
    hostName: hostNameOf(spec.pod.uid, spec.interface),
    hostMac: hostMacOf(spec.pod.uid, spec.interface),
    interface: spec.interface,
    mac: macOf(port),
    mtu: spec.mtu ?? node.innerMtu,
  };
  if (isFramePort(port)) {
    return {
      ...ends,
      ...renderFramePart(spec.interface, carriesIpv6(node, ends.mtu)),
      linkLocal: false,
      programs: FRAMES,
    };
  }
  if (spec.instance !== undefined) {
    return {
      ...ends,
      ...renderInstancePart(spec.interface, { node, mtu: ends.mtu }),
      linkLocal: false,
      programs: { kind: 'Function', host: 'fn_ingress', pod: 'fn_egress' },
    };
  }
  if (network === undefined) throw new UnfitPortError(port, 'spec.network is not known to this node yet');
  const part = renderNetworkPart(port, { network, node, mtu: ends.mtu });
  if (part.addresses.length === 0 && (spec.addresses ?? []).length > 0) {
    throw new UnfitPortError(
      port,
      `spec.addresses: ${whyNoIpv6(node, ends.mtu)}, and it has no IPv4 address`,
    );
  }
  return {
    ...ends,
    ...part,
    lookup: renderLookup(port, mates),
    neighbours: [],
    rules: [],
    withoutRules: [],
    programs: { kind: 'Pod', host: 'pod_ingress' },
  };
}

const FRAMES = { kind: 'Frames', host: 'fn_ingress' } as const;

/** Renders the right interface of an instance that forwards frames between two, from the attachment of the left one. */
export function renderRightAttachment(left: Attachment, node: NodeFacts): Attachment {
  const [, name] = frameInterfaces;
  return {
    ...left,
    ...renderFramePart(name, carriesIpv6(node, left.mtu)),
    hostName: hostNameOf(left.podUid, name),
    hostMac: hostMacOf(left.podUid, name),
    interface: name,
    mac: rightMacOf(left.mac),
  };
}

/** The MAC of a Port: allocated for a Port of a network; for an instance it contains the id, so a frame names its sender. */
function macOf(port: Port): Mac {
  const { mac, instance } = port.spec;
  if (mac !== undefined) return parseMac(mac);
  if (instance !== undefined) return instanceMac(instance);
  throw new UnfitPortError(port, 'spec.mac is missing: the operator has not allocated it');
}
