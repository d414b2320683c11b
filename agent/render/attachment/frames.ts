// SPDX-License-Identifier: Apache-2.0
import { frameInterfaces, type Port } from '../../../api/index.ts';
import { type Mac, macBytes, macOfBytes } from '../../../api/net/mac.ts';
import type { InstancePart } from './instance.ts';

/** The name of one of the two interfaces of an instance that forwards frames itself. */
export type Side = (typeof frameInterfaces)[number];

/** Whether a Port represents both interfaces of an instance: then it has the name of the left one. */
export function isFramePort({ spec }: Pick<Port, 'spec'>): boolean {
  return spec.instance !== undefined && spec.interface === frameInterfaces[0];
}

/** The MAC of the right interface; the left one has the Port's own. No frame is sent to either: frames keep their MACs. */
export function rightMacOf(left: Mac): Mac {
  const bytes = macBytes(left);
  bytes[3] = 1;
  return macOfBytes(bytes);
}

/** The interface has no address and no route: its frames are for the image's own bridge or program. */
export function renderFramePart(interfaceName: string, hasIpv6: boolean): InstancePart {
  return {
    addresses: [],
    routes: [],
    neighbours: [],
    rules: [],
    withoutRules: [],
    sysctls: hasIpv6 ? [{ path: `net/ipv6/conf/${interfaceName}/disable_ipv6`, value: '1' }] : [],
  };
}
