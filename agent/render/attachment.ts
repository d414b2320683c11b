// SPDX-License-Identifier: Apache-2.0
import { instanceMac } from '../../api/context/context.ts';
import { frameInterfaces, type Port } from '../../api/index.ts';
import { type Mac, parseMac } from '../../api/net/mac.ts';
import { isFramePort, renderFramePart, rightMacOf } from './attachment/frames.ts';
import { renderInstancePart } from './attachment/instance.ts';
import { hostMacOf, hostNameOf } from './attachment/names.ts';
import { renderNetworkPart } from './attachment/network.ts';
import type { Attachment, NetworkFacts, NodeFacts } from './attachment/types.ts';

export { isFramePort } from './attachment/frames.ts';
export { aliasOf, hostNameOf, isHostName, parseAlias } from './attachment/names.ts';
export type * from './attachment/types.ts';

/** A Port that says too little to be attached. Its pod must not start: the message tells what is missing. */
export class UnfitPortError extends Error {
  constructor(port: Port, problem: string) {
    super(`Port ${port.metadata.namespace}/${port.metadata.name}: ${problem}`);
    this.name = 'UnfitPortError';
  }
}

/**
 * What the interface of a Port must be. `network` is absent for the `chain0` of a function's instance,
 * which belongs to no network.
 */
export function renderAttachment(options: {
  readonly port: Port;
  readonly netnsPath: string;
  readonly network?: NetworkFacts;
  readonly node: NodeFacts;
}): Attachment {
  const { port, netnsPath, network, node } = options;
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
    return { ...ends, ...renderFramePart(spec.interface, node), linkLocal: false, programs: FRAMES };
  }
  if (spec.instance !== undefined) {
    return {
      ...ends,
      ...renderInstancePart(spec.interface, node),
      linkLocal: false,
      programs: { kind: 'Function', host: 'fn_ingress', pod: 'fn_egress' },
    };
  }
  if (network === undefined) throw new UnfitPortError(port, 'spec.network is not known to this node yet');
  return {
    ...ends,
    ...renderNetworkPart(port, network, node),
    neighbours: [],
    rules: [],
    withoutRules: [],
    programs: { kind: 'Pod', host: 'pod_ingress' },
  };
}

const FRAMES = { kind: 'Frames', host: 'fn_ingress' } as const;

/** The right one of an instance that passes on frames between two, by the attachment of the left one. */
export function renderRightAttachment(left: Attachment, node: NodeFacts): Attachment {
  const [, name] = frameInterfaces;
  return {
    ...left,
    ...renderFramePart(name, node),
    hostName: hostNameOf(left.podUid, name),
    hostMac: hostMacOf(left.podUid, name),
    interface: name,
    mac: rightMacOf(left.mac),
  };
}

/** A Port of a network is allocated its MAC; an instance's carries its id, so that a frame tells who sent it. */
function macOf(port: Port): Mac {
  const { mac, instance } = port.spec;
  if (mac !== undefined) return parseMac(mac);
  if (instance !== undefined) return instanceMac(instance);
  throw new UnfitPortError(port, 'spec.mac is missing: the operator has not allocated it');
}
