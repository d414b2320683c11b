// SPDX-License-Identifier: Apache-2.0
import { type Address, formatAddress } from './net/address.ts';
import { formatMac, type Mac } from './net/mac.ts';

/** One interface that a pod got. */
export interface AttachedInterface {
  readonly network: { readonly namespace: string; readonly name: string };
  readonly interface: string;
  readonly addresses: readonly Address[];
  readonly mac: Mac;
  readonly mtu: number;
}

/**
 * Renders the annotation `k8s.v1.cni.cncf.io/network-status` of a pod: its interfaces in the order of its request.
 * Equal interfaces give equal text, so that an unchanged pod is not written.
 */
export function renderNetworkStatus(interfaces: readonly AttachedInterface[]): string {
  return JSON.stringify(
    interfaces.map((attached) => ({
      name: `${attached.network.namespace}/${attached.network.name}`,
      interface: attached.interface,
      ips: attached.addresses.map(formatAddress),
      mac: formatMac(attached.mac),
      mtu: attached.mtu,
      dns: {},
    })),
  );
}
