// SPDX-License-Identifier: Apache-2.0
/**
 * The setup that the agent makes in the network namespace of an instance, and that the function relies on
 * (docs/architecture.md, A function's pod).
 */

/** The routing table for packets of chains: all of them leave through chain0. */
export const chainTable = 100;

/**
 * Source addresses of ICMP errors from instances and from the data path (`agent/bpf/toobig.h`). No network has these
 * addresses.
 */
export const errorSource = { 4: '192.0.0.8', 6: 'fd48:6564:646c:65::8' } as const;

/** The next hop in `chainTable`. No host has this address: the egress program writes the real destination MAC. */
export const chainGateway = { 4: '169.254.1.1', 6: 'fe80::1', mac: '0a:00:00:00:00:01' } as const;

/** The ends of an agent's probe on its way through an instance, in the range of `errorSource`. */
export const probeSource = { 4: '192.0.0.9', 6: 'fd48:6564:646c:65::9' } as const;
export const probeDestination = { 4: '192.0.0.10', 6: 'fd48:6564:646c:65::10' } as const;
