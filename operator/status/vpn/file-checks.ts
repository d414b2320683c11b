// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { dnsOutside } from '../../compile/vpn/dns.ts';
import { reachOf, sharedReachOf } from '../../compile/vpn/wg-quick.ts';
import type { Check } from '../first-verdicts.ts';
import type { PeerFacts, PeerVerdict, VpnStatusFacts, VpnVerdict } from './facts.ts';
import { describeMark, describeMarks, describeOutside } from './files.ts';

// The conditions of a VPN and of its peers about the files of peers. They keep nobody from connecting.

export const vpnFileChecks: readonly (readonly Check<VpnStatusFacts, VpnVerdict>[])[] = [
  [asksThroughTunnel, hasDns],
  [hasNewFiles, hasFiles],
];

export const peerFileChecks: readonly (readonly Check<PeerFacts, PeerVerdict>[])[] = [
  [peerAsksThroughTunnel, peerHasDns],
  [hasNewFile, hasFile],
];

function asksThroughTunnel({ decided }: VpnStatusFacts): VpnVerdict | undefined {
  const outside = dnsOutside(decided, sharedReachOf(decided));
  if (outside.length === 0) return undefined;
  return {
    type: 'DnsRouted',
    status: 'False',
    reason: 'DnsOutsideRoutes',
    message: `spec.dns: ${describeOutside(outside)}; the routes are ${nameSome(decided.routes)}. Add the range of the server to spec.routes, or name another server; a server that clients reach without the VPN may stay.`,
  };
}

function hasDns({ decided }: VpnStatusFacts): VpnVerdict | undefined {
  if (!decided.vpn.spec.dns) return undefined;
  const message = 'Clients ask all servers of spec.dns through the tunnel.';
  return { type: 'DnsRouted', status: 'True', reason: 'DnsInRoutes', message };
}

function hasNewFiles({ decided: { peers } }: VpnStatusFacts): VpnVerdict | undefined {
  if (!peers.some(({ mark }) => mark)) return undefined;
  return {
    type: 'FilesCurrent',
    status: 'False',
    reason: 'FilesChanged',
    message: describeMarks(peers),
  };
}

function hasFiles(): VpnVerdict {
  const message = 'No file of a peer changed since it was given away.';
  return { type: 'FilesCurrent', status: 'True', reason: 'FilesUnchanged', message };
}

function peerAsksThroughTunnel({ found }: PeerFacts): PeerVerdict | undefined {
  if (!found) return undefined;
  const { vpn, peer } = found;
  const outside = dnsOutside(vpn.decided, reachOf(vpn.decided, peer));
  if (outside.length === 0) return undefined;
  const message = `spec.dns of VPN ${vpn.decided.vpn.metadata.name}: ${describeOutside(outside)}, since the file of the peer has no route to it.`;
  return { type: 'DnsRouted', status: 'False', reason: 'DnsOutsideRoutes', message };
}

function peerHasDns({ found }: PeerFacts): PeerVerdict | undefined {
  if (!found?.vpn.decided.vpn.spec.dns) return undefined;
  const message = 'It asks all servers of spec.dns of its VPN through the tunnel.';
  return { type: 'DnsRouted', status: 'True', reason: 'DnsInRoutes', message };
}

function hasNewFile({ found }: PeerFacts): PeerVerdict | undefined {
  if (!found?.peer.mark) return undefined;
  const message = describeMark(found.peer.peer.metadata, found.peer.mark);
  return { type: 'FileCurrent', status: 'False', reason: 'FileChanged', message };
}

function hasFile({ found }: PeerFacts): PeerVerdict | undefined {
  if (!found) return undefined;
  const message = 'The file is as it was when it was given away.';
  return { type: 'FileCurrent', status: 'True', reason: 'FileUnchanged', message };
}
