// SPDX-License-Identifier: Apache-2.0
import { frameInterfaces, type Port } from '../../../api/index.ts';
import { type Mac, macBytes, macOfBytes } from '../../../api/net/mac.ts';
import type { InstancePart } from './instance.ts';
import type { NodeFacts } from './types.ts';

/** One of the two interfaces of an instance that passes on frames itself. */
export type Side = (typeof frameInterfaces)[number];

/** Whether a Port stands for both interfaces of an instance: it bears the name of the left one. */
export function isFramePort({ spec }: Pick<Port, 'spec'>): boolean {
  return spec.instance !== undefined && spec.interface === frameInterfaces[0];
}

/** The Port's own MAC is the left one's. Nobody sends to either: frames keep the MACs that they have. */
export function rightMacOf(left: Mac): Mac {
  const bytes = macBytes(left);
  bytes[3] = 1;
  return macOfBytes(bytes);
}

/** No address and no route: what goes in is for the image's own bridge or program. */
export function renderFramePart(interfaceName: string, node: NodeFacts): InstancePart {
  return {
    addresses: [],
    routes: [],
    neighbours: [],
    rules: [],
    withoutRules: [],
    sysctls: node.hasIpv6 ? [{ path: `net/ipv6/conf/${interfaceName}/disable_ipv6`, value: '1' }] : [],
  };
}
