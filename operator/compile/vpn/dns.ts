// SPDX-License-Identifier: Apache-2.0
import { formatAddress, parseAddress } from '../../../api/net/address.ts';
import { formatPrefix, hostPrefix } from '../../../api/net/prefix.ts';
import { notCoveredBy } from '../../../api/vpn-overlap.ts';
import type { DecidedVpn } from './types.ts';

/**
 * The name servers of a VPN that clients do not ask through the tunnel: those outside of what they send into it, and
 * the gateway's own addresses, where nothing answers.
 */
export function dnsOutside(
  { vpn, gatewayAddresses }: DecidedVpn,
  reach: readonly string[],
): readonly string[] {
  const own = gatewayAddresses.map(formatAddress);
  return (vpn.spec.dns ?? []).filter((text) => {
    const address = parseAddress(text);
    const isOwn = own.includes(formatAddress(address));
    return isOwn || notCoveredBy([formatPrefix(hostPrefix(address))], reach).length > 0;
  });
}
