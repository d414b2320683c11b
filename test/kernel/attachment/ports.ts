// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../../api/index.ts';

/** A Port as the operator would have made it. */
export function networkPort(options: {
  uid: string;
  addresses: readonly string[];
  mac: string;
  prefixes?: readonly string[];
}): Port {
  const { uid, addresses, mac, prefixes } = options;
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { name: `${uid}-net1`, namespace: 'default' },
    spec: {
      network: { namespace: 'default', name: 'shop' },
      vni: 4097,
      pod: { name: uid, uid },
      node: 'worker-1',
      interface: 'net1',
      addresses,
      mac,
      mtu: 1450,
      ...(prefixes === undefined ? {} : { prefixes }),
    },
  };
}

export function instancePort(options: { uid: string; instance: number }): Port {
  const { uid, instance } = options;
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: { name: `${uid}-chain0`, namespace: 'default' },
    spec: { pod: { name: uid, uid }, node: 'worker-1', interface: 'chain0', instance },
  };
}

export const shop = { subnets: ['10.20.0.0/16', 'fd20::/64'], prefixes: [] };
export const node = { innerMtu: 1450, hasIpv6: true };
