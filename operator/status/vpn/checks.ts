// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { type Check, firstVerdicts } from '../first-verdicts.ts';
import { NO_EXTERNAL_ADDRESS, serviceRefused } from '../workload/exposure.ts';
import { countReady, judgeError, judgeNone, missingInstances } from '../workload/instances.ts';
import { describeRefusal } from '../workload/refused.ts';
import { activeReport, type VpnStatusFacts, type VpnVerdict } from './facts.ts';
import { vpnFileChecks } from './file-checks.ts';

type VpnCheck = Check<VpnStatusFacts, VpnVerdict>;

const accepted: readonly VpnCheck[] = [hasNoProblem, isValid];
const resolved: readonly VpnCheck[] = [findsNetwork, networkIsAccepted, resolvesAll];
const programmed: readonly VpnCheck[] = [hasNoError, admitsPods, hasReadyGateway, isCurrent, isProgrammed];
const ready: readonly VpnCheck[] = [
  isAccepted,
  isResolved,
  getsPods,
  isInKernels,
  isServed,
  isExposed,
  hasExternalAddress,
  hasEndpoint,
  hasAllGateways,
  isReady,
];

/** The conditions of a VPN, in the order in which they build on each other. */
export function checkVpnStatus(facts: VpnStatusFacts): VpnVerdict[] {
  return firstVerdicts([accepted, resolved, programmed, ready, ...vpnFileChecks], facts);
}

/** The condition that says why no peer can connect to the VPN; undefined when peers can. */
export function shutBy(facts: VpnStatusFacts): 'Accepted' | 'ResolvedRefs' | undefined {
  if (hasNoProblem(facts)) return 'Accepted';
  return findsNetwork(facts) || networkIsAccepted(facts) ? 'ResolvedRefs' : undefined;
}

function hasNoProblem({ decided: { problem } }: VpnStatusFacts): VpnVerdict | undefined {
  if (!problem) return undefined;
  return {
    type: 'Accepted',
    status: 'False',
    reason: problem.reason,
    message: `${problem.field}: ${problem.message}. No peer is let in.`,
  };
}

function isValid(): VpnVerdict {
  return { type: 'Accepted', status: 'True', reason: 'Valid', message: 'Pool and routes are valid.' };
}

function findsNetwork({ decided: { vpn }, network }: VpnStatusFacts): VpnVerdict | undefined {
  if (network !== 'NotFound') return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotFound',
    message: `spec.network: there is no VirtualNetwork ${vpn.metadata.namespace}/${vpn.spec.network}; create it or correct the name.`,
  };
}

function networkIsAccepted({ decided: { vpn }, network }: VpnStatusFacts): VpnVerdict | undefined {
  if (network !== 'NotAccepted') return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotAccepted',
    message: `spec.network: VirtualNetwork ${vpn.metadata.namespace}/${vpn.spec.network} is not accepted; see its condition Accepted.`,
  };
}

function resolvesAll(): VpnVerdict {
  return { type: 'ResolvedRefs', status: 'True', reason: 'Resolved', message: 'The network exists.' };
}

function hasNoError({ gateways }: VpnStatusFacts): VpnVerdict | undefined {
  return judgeError(gateways);
}

function admitsPods(facts: VpnStatusFacts): VpnVerdict | undefined {
  const message = refusalOf(facts);
  return message === undefined
    ? undefined
    : { type: 'Programmed', status: 'False', reason: 'PodsRefused', message };
}

function hasReadyGateway({ gateways, decided, selector }: VpnStatusFacts): VpnVerdict | undefined {
  return judgeNone({ instances: gateways, desired: decided.vpn.spec.replicas, selector });
}

function isCurrent({ gateways, inputs }: VpnStatusFacts): VpnVerdict | undefined {
  const behind = gateways.filter(({ ready, report }) => ready && report?.inputs !== inputs);
  if (behind.length === 0) return undefined;
  const names = behind.map(({ pod, report }) =>
    report ? `${pod} has older peers` : `${pod} has not answered`,
  );
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'InstancesBehind',
    message: `Not all gateways have the current peers: ${nameSome(names)}.`,
  };
}

function isProgrammed({ gateways }: VpnStatusFacts): VpnVerdict {
  const count = countReady(gateways);
  return {
    type: 'Programmed',
    status: 'True',
    reason: 'InstancesReported',
    message: `The current peers are in ${count} ${count === 1 ? 'gateway' : 'gateways'}.`,
  };
}

function isAccepted(facts: VpnStatusFacts): VpnVerdict | undefined {
  if (!hasNoProblem(facts)) return undefined;
  return notReady('NotAccepted', 'The VPN is not accepted; see the condition Accepted.');
}

function isResolved(facts: VpnStatusFacts): VpnVerdict | undefined {
  if (!findsNetwork(facts) && !networkIsAccepted(facts)) return undefined;
  return notReady('NotResolved', 'Its network is not there; see the condition ResolvedRefs.');
}

function getsPods(facts: VpnStatusFacts): VpnVerdict | undefined {
  const message = refusalOf(facts);
  return message === undefined ? undefined : notReady('PodsRefused', message);
}

function isInKernels(facts: VpnStatusFacts): VpnVerdict | undefined {
  if (!hasNoError(facts) && !hasReadyGateway(facts) && !isCurrent(facts)) return undefined;
  return notReady('NotProgrammed', 'No gateway lets the current peers in; see the condition Programmed.');
}

function isServed(facts: VpnStatusFacts): VpnVerdict | undefined {
  if (activeReport(facts)?.role === 'Active') return undefined;
  const { active } = facts;
  return notReady(
    'NoActiveGateway',
    active === undefined
      ? 'The gateways have the current peers, and none of them serves them yet.'
      : `The gateways have the current peers; pod ${active} is to serve them and has not taken over yet.`,
  );
}

function isExposed({ serviceRefusal }: VpnStatusFacts): VpnVerdict | undefined {
  if (serviceRefusal === undefined) return undefined;
  return notReady('ServiceRefused', serviceRefused(serviceRefusal));
}

/**
 * The check whether the Service has an external address. It applies also with `spec.endpoint`: without an external
 * address no traffic from there reaches the gateway.
 */
function hasExternalAddress({ decided, ingress = [] }: VpnStatusFacts): VpnVerdict | undefined {
  if (decided.vpn.spec.expose?.type !== 'LoadBalancer' || ingress.length > 0) return undefined;
  return notReady('NoExternalAddress', NO_EXTERNAL_ADDRESS);
}

function hasEndpoint({ decided }: VpnStatusFacts): VpnVerdict | undefined {
  if (decided.endpoint !== undefined) return undefined;
  const message = decided.vpn.spec.expose
    ? 'The Service in front has no address yet; wait, or set spec.endpoint.'
    : 'Set spec.endpoint, or spec.expose for a Service in front: peers’ files cannot be made before.';
  return notReady('EndpointUnknown', message);
}

function hasAllGateways({ gateways, decided, selector }: VpnStatusFacts): VpnVerdict | undefined {
  const desired = decided.vpn.spec.replicas;
  const missing = missingInstances({ instances: gateways, desired, selector, plural: 'gateways' });
  return missing === undefined ? undefined : notReady('InstancesMissing', missing);
}

function isReady({ active, gateways }: VpnStatusFacts): VpnVerdict {
  const others = gateways.filter(({ pod, ready }) => ready && pod !== active).length;
  return {
    type: 'Ready',
    status: 'True',
    reason: 'Ready',
    message: `Peers talk to pod ${active}; ${others} ${others === 1 ? 'stands' : 'stand'} by.`,
  };
}

function refusalOf({ podsRefusal: refusal, gateways, decided }: VpnStatusFacts): string | undefined {
  const desired = decided.vpn.spec.replicas;
  return describeRefusal({ refusal, instances: gateways, desired, plural: 'gateways' });
}

function notReady(
  reason:
    | 'EndpointUnknown'
    | 'InstancesMissing'
    | 'NoActiveGateway'
    | 'NoExternalAddress'
    | 'NotAccepted'
    | 'NotProgrammed'
    | 'NotResolved'
    | 'PodsRefused'
    | 'ServiceRefused',
  message: string,
): VpnVerdict {
  return { type: 'Ready', status: 'False', reason, message };
}
