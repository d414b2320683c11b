// SPDX-License-Identifier: Apache-2.0
import { type Check, firstVerdicts } from '../first-verdicts.ts';
import { shutBy } from './checks.ts';
import { activeReport, type PeerFacts, type PeerVerdict } from './facts.ts';
import { peerFileChecks } from './file-checks.ts';

type PeerCheck = Check<PeerFacts, PeerVerdict>;

const accepted: readonly PeerCheck[] = [isNotRefused, isValid];
const resolved: readonly PeerCheck[] = [findsVpn, vpnIsAccepted, resolvesAll];
const programmed: readonly PeerCheck[] = [isAtGateway, isProgrammed];
const ready: readonly PeerCheck[] = [
  isResolved,
  isAccepted,
  isNotDisabled,
  isNotExpired,
  gatewayKnows,
  mayConnect,
];

/** The conditions of a peer, in the order in which they build on each other. */
export function checkPeerStatus(facts: PeerFacts): PeerVerdict[] {
  return firstVerdicts([accepted, resolved, programmed, ready, ...peerFileChecks], facts);
}

function isNotRefused({ found }: PeerFacts): PeerVerdict | undefined {
  if (found?.peer.state.kind !== 'Refused') return undefined;
  const { reason, field, message } = found.peer.state.problem;
  return { type: 'Accepted', status: 'False', reason, message: `${field}: ${message}.` };
}

function isValid(): PeerVerdict {
  return {
    type: 'Accepted',
    status: 'True',
    reason: 'Valid',
    message: 'The peer is valid and conflicts with no other.',
  };
}

function findsVpn({ found, namespace, vpn }: PeerFacts): PeerVerdict | undefined {
  if (found) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'VpnNotFound',
    message: `spec.vpn: there is no VPN ${namespace}/${vpn}; create it, or create the peer again with another name.`,
  };
}

function vpnIsAccepted({ found, namespace, vpn }: PeerFacts): PeerVerdict | undefined {
  const cause = found && shutBy(found.vpn);
  if (cause === undefined) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'VpnNotAccepted',
    message: `VPN ${namespace}/${vpn} lets nobody in; see its condition ${cause}.`,
  };
}

function resolvesAll(): PeerVerdict {
  return {
    type: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    message: 'The VPN exists and lets peers in.',
  };
}

function isAtGateway({ found }: PeerFacts): PeerVerdict | undefined {
  const report = found && activeReport(found.vpn);
  if (report?.role === 'Active' && report.inputs === found?.vpn.inputs) return undefined;
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'GatewayBehind',
    message: 'No active gateway has reported the current state of the peer.',
  };
}

function isProgrammed({ found }: PeerFacts): PeerVerdict {
  const lets = found?.peer.state.kind === 'InForce' ? 'lets it in' : 'keeps it out';
  return {
    type: 'Programmed',
    status: 'True',
    reason: 'GatewayReported',
    message: `Pod ${found?.vpn.active} ${lets}.`,
  };
}

function isResolved(facts: PeerFacts): PeerVerdict | undefined {
  if (!findsVpn(facts) && !vpnIsAccepted(facts)) return undefined;
  return notReady('NotResolved', 'Its VPN lets nobody in; see the condition ResolvedRefs.');
}

function isAccepted(facts: PeerFacts): PeerVerdict | undefined {
  if (!isNotRefused(facts)) return undefined;
  return notReady('NotAccepted', 'The peer is not accepted; see the condition Accepted.');
}

function isNotDisabled({ found }: PeerFacts): PeerVerdict | undefined {
  if (found?.peer.state.kind !== 'Disabled') return undefined;
  return notReady('Disabled', 'spec.disabled is true; it may not connect.');
}

function isNotExpired({ found }: PeerFacts): PeerVerdict | undefined {
  if (found?.peer.state.kind !== 'Expired') return undefined;
  return notReady('Expired', `spec.expiresAt: it may not connect since ${found.peer.state.at}.`);
}

function gatewayKnows(facts: PeerFacts): PeerVerdict | undefined {
  if (!isAtGateway(facts)) return undefined;
  return notReady('NotProgrammed', 'The gateway does not know it yet; see the condition Programmed.');
}

function mayConnect({ found }: PeerFacts): PeerVerdict {
  const message = found?.peer.mark ? 'It may connect, with its new file.' : 'It may connect.';
  return { type: 'Ready', status: 'True', reason: 'Ready', message };
}

function notReady(
  reason: 'Disabled' | 'Expired' | 'NotAccepted' | 'NotProgrammed' | 'NotResolved',
  message: string,
): PeerVerdict {
  return { type: 'Ready', status: 'False', reason, message };
}
