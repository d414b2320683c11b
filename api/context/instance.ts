// SPDX-License-Identifier: Apache-2.0
/**
 * What the agent makes in the namespace of a function's instance, and the function in it relies on
 * (docs/architecture.md, A function's pod).
 */

/** The table of routes for packets of chains: everything leaves by chain0. */
export const chainTable = 100;

/**
 * ICMP errors of instances come from these addresses, which no network has, and so do those of the data path
 * (`agent/bpf/toobig.h`).
 */
export const errorSource = { 4: '192.0.0.8', 6: 'fd48:6564:646c:65::8' } as const;

/** The next hop in `chainTable`. Nobody has it: the egress program writes the true destination MAC. */
export const chainGateway = { 4: '169.254.1.1', 6: 'fe80::1', mac: '0a:00:00:00:00:01' } as const;

/** The ends of an agent's probe on its way through an instance, in the range of `errorSource`. */
export const probeSource = { 4: '192.0.0.9', 6: 'fd48:6564:646c:65::9' } as const;
export const probeDestination = { 4: '192.0.0.10', 6: 'fd48:6564:646c:65::10' } as const;
