// SPDX-License-Identifier: Apache-2.0
/** The interface of the tunnel. */
export const DEVICE = 'wg0';
/** The interface on the tenants' network. */
export const TENANT = 'net1';

/** On every packet that came from a tenant or a peer, and on what the kernel answers to it. */
export const TENANT_MARK = '0x80000000';
/** Ways of tenants' packets. */
export const TENANT_TABLE = 200;
/** Ways of the pod's own packets, those around WireGuard's among them. */
export const OWN_TABLE = 300;

export const TABLE = 'inet heddle_vpn';
