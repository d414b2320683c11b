// SPDX-License-Identifier: Apache-2.0
/** The interface of the tunnel. */
export const DEVICE = 'wg0';
/** The interface on the tenant's network. */
export const TENANT = 'net1';

/** The mark of every packet that came from a tenant or a peer, and of what the kernel answers to it. */
export const TENANT_MARK = '0x80000000';
/** The routing table of tenants' packets. */
export const TENANT_TABLE = 200;
/** The routing table of the pod's own packets, WireGuard's outer packets included. */
export const OWN_TABLE = 300;

export const TABLE = 'inet heddle_vpn';
