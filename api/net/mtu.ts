// SPDX-License-Identifier: Apache-2.0
/** The smallest MTU of a link that carries IPv6 (RFC 8200). */
export const IPV6_LEAST_MTU = 1280;
