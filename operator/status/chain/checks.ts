// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { type Check, firstVerdicts } from '../first-verdicts.ts';
import { describeNode } from '../node.ts';
import type { ChainStatusFacts, ChainVerdict, HopStatusFacts, NodeFacts } from './facts.ts';
import { describeFailure, describeHop, failedHops } from './failures.ts';
import { reportHop } from './hops.ts';

type ChainCheck = Check<ChainStatusFacts, ChainVerdict>;

const accepted: readonly ChainCheck[] = [isWithinLimits, hasPathId];
const resolved: readonly ChainCheck[] = [findsNetwork, acceptsNetwork, findsFunctions, usesAll, resolvesAll];
const programmed: readonly ChainCheck[] = [isTaken, isCompiled, isWhole, isInKernels, isProgrammed];
// Problems that flows meet now come before nodes that have not reported yet.
const ready: readonly ChainCheck[] = [
  isAccepted,
  isResolved,
  hasNoFailedHop,
  letsOutsideIn,
  isOnNodes,
  isDegraded,
  isReady,
];
const shadowed: readonly ChainCheck[] = [isShadowed];
const straight: readonly ChainCheck[] = [seesEveryPacket, goesStraight];

/** The conditions of a chain, in the order in which they build on each other. */
export function checkChain(facts: ChainStatusFacts): ChainVerdict[] {
  return firstVerdicts([accepted, resolved, programmed, ready, shadowed, straight], facts);
}

/** A chain that has nothing on the nodes yet is not accepted; another one goes on as it is on the nodes. */
function isWithinLimits({ exceeded, slices }: ChainStatusFacts): ChainVerdict | undefined {
  if (exceeded === undefined || slices.length > 0) return undefined;
  const consequence = 'The chain takes no traffic.';
  return {
    type: 'Accepted',
    status: 'False',
    reason: 'LimitExceeded',
    message: `${describeLimit(exceeded)} ${consequence} Remove or narrow chains, or have the limit raised.`,
  };
}

function describeLimit({ limit, most, wanted }: NonNullable<ChainStatusFacts['exceeded']>): string {
  switch (limit) {
    case 'chainsPerNamespace':
      return `The namespace has ${wanted} chains, and may have ${most} (the chart's limits.${limit}); the older ones count first.`;
    case 'entriesPerNetwork':
      return `With this chain, the chains of the network would need at least ${wanted} entries in the maps of a node, and may have ${most} (the chart's limits.${limit}).`;
  }
}

function isWhole({ exceeded }: ChainStatusFacts): ChainVerdict | undefined {
  if (exceeded === undefined) return undefined;
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'LimitExceeded',
    message: `${describeLimit(exceeded)} The chain stays on the nodes with the addresses that it has there, and new pods that it selects do not start. Remove or narrow chains, or have the limit raised.`,
  };
}

function hasPathId({ pathId }: ChainStatusFacts): ChainVerdict {
  if (pathId !== undefined) {
    return { type: 'Accepted', status: 'True', reason: 'Valid', message: `The path id is ${pathId}.` };
  }
  return {
    type: 'Accepted',
    status: 'False',
    reason: 'PathIdsExhausted',
    message: 'All 65535 path ids are in use; remove chains that are not needed.',
  };
}

function findsNetwork({ network, namespace }: ChainStatusFacts): ChainVerdict | undefined {
  if (network.state !== 'Missing') return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotFound',
    message: `spec.network: there is no VirtualNetwork ${namespace}/${network.name}; create it, or create the chain again with the right name. Until then the chain takes no traffic.`,
  };
}

function acceptsNetwork({ network, namespace }: ChainStatusFacts): ChainVerdict | undefined {
  if (network.state !== 'NotAccepted') return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotAccepted',
    message: `spec.network: VirtualNetwork ${namespace}/${network.name} has no VNI yet; its condition Accepted says why.`,
  };
}

function findsFunctions({ hops, namespace }: ChainStatusFacts): ChainVerdict | undefined {
  const missing = hops.flatMap((hop, index) => (hop.found ? [] : [{ hop, index }]));
  if (missing.length === 0) return undefined;
  const sentences = missing.map(
    ({ hop, index }) =>
      `functions[${index}].name: there is no ${hop.kind} ${namespace}/${hop.name}; ${consequence(hop)}`,
  );
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'FunctionNotFound',
    message: `${sentences.join('. ')}. Create it or correct the name.`,
  };
}

function usesAll({ problems }: ChainStatusFacts): ChainVerdict | undefined {
  if (problems.length === 0) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'ReferenceNotUsable',
    message: `${nameSome(problems.map(({ field, message }) => `${field}: ${message}`))}.`,
  };
}

function resolvesAll(): ChainVerdict {
  return {
    type: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    message: 'The network and all functions exist.',
  };
}

function isTaken({ slicesRefusal, slices }: ChainStatusFacts): ChainVerdict | undefined {
  if (slicesRefusal === undefined) return undefined;
  const rest =
    slices.length > 0
      ? 'The nodes keep what they have of the chain'
      : 'Nothing of the chain is on the nodes, and it takes no traffic';
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'SlicesRefused',
    message: `The API server refuses what the nodes need of the chain: ${slicesRefusal}. ${rest}.`,
  };
}

function isCompiled(facts: ChainStatusFacts): ChainVerdict | undefined {
  if (facts.slices.length > 0) return undefined;
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'NotCompiled',
    message: `Nothing of the chain is on the nodes yet; ${missingFor(facts)}.`,
  };
}

/** What a chain without slices waits for. Without functions it would be compiled, so those do not count. */
function missingFor(facts: ChainStatusFacts): string {
  if (isAccepted(facts)) return 'the condition Accepted says why';
  if (facts.network.state !== 'Usable') return 'the condition ResolvedRefs says what is missing';
  return 'it follows as soon as the status has the path id';
}

function isInKernels(facts: ChainStatusFacts): ChainVerdict | undefined {
  const behind = nodesBehind(facts);
  if (behind.length === 0) return undefined;
  const names = behind.map((node) => describeNode(node.name, node.reported ? node.complaint : 'no report'));
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'NodesBehind',
    message: `${behind.length} of ${facts.nodes.length} nodes have not reported the chain in their kernel: ${nameSome(names)}.`,
  };
}

function isProgrammed(facts: ChainStatusFacts): ChainVerdict {
  const away = facts.nodes.filter((node) => node.isAway && isBehind(node, facts)).map(({ name }) => name);
  const count = facts.nodes.length - away.length;
  const reported =
    count === 0
      ? 'No node has a pod or an instance of the chain.'
      : `On ${count} ${count === 1 ? 'node' : 'nodes'}.`;
  const missing = away.length > 0 ? ` Not on ${nameSome(away)}, which the others cannot reach.` : '';
  return { type: 'Programmed', status: 'True', reason: 'NodesReported', message: `${reported}${missing}` };
}

function isAccepted(facts: ChainStatusFacts): ChainVerdict | undefined {
  if (facts.pathId !== undefined && isWithinLimits(facts) === undefined) return undefined;
  return notReady('NotAccepted', 'The chain is not accepted; see the condition Accepted.');
}

function isResolved({ network, hops, problems }: ChainStatusFacts): ChainVerdict | undefined {
  if (network.state === 'Usable' && hops.every((hop) => hop.found) && problems.length === 0) return undefined;
  return notReady(
    'NotResolved',
    'Something that the chain names is not there; see the condition ResolvedRefs.',
  );
}

function isOnNodes(facts: ChainStatusFacts): ChainVerdict | undefined {
  if (!isTaken(facts) && !isCompiled(facts) && !isWhole(facts) && !isInKernels(facts)) return undefined;
  return notReady('NotProgrammed', 'The chain is not on all nodes; see the condition Programmed.');
}

function hasNoFailedHop(facts: ChainStatusFacts): ChainVerdict | undefined {
  const failed = failedHops(facts);
  if (failed.length === 0) return undefined;
  const isClosed = failed.some(({ word }) => word === 'Dropped');
  return notReady(isClosed ? 'HopFailedClosed' : 'HopSkipped', failed.map(describeFailure).join(' '));
}

/** Clients outside who cannot pass the functions before the load balancer that they reach are not let in. */
function letsOutsideIn({ outside = [], outsidePathId, hops }: ChainStatusFacts): ChainVerdict | undefined {
  const shut = outside.filter(
    ({ kind }) => kind === 'Refused' || (kind === 'Through' && outsidePathId === undefined),
  );
  if (shut.length === 0) return undefined;
  const sentences = shut.map(({ balancer, position }) => {
    const before = hops.slice(0, position).map(({ label }) => label);
    return `clients outside of LoadBalancer ${balancer} (spec.expose) cannot pass ${before.join(', ')} and are not let in`;
  });
  return notReady(
    'OutsideRefused',
    `${nameSome(sentences)}: there is one path for them if the chain has at most 15 functions, and a path id is free. Name fewer functions, and one load balancer with spec.expose.`,
  );
}

function isDegraded({ hops, namespace }: ChainStatusFacts): ChainVerdict | undefined {
  const degraded = hops.flatMap((hop, index) => {
    const report = reportHop(hop, namespace);
    return report.state === 'Degraded' ? [describeHop({ hop, index, report })] : [];
  });
  if (degraded.length === 0) return undefined;
  return { type: 'Ready', status: 'True', reason: 'HopDegraded', message: degraded.join(' ') };
}

function isReady(): ChainVerdict {
  return { type: 'Ready', status: 'True', reason: 'Ready', message: 'All functions have their instances.' };
}

function isShadowed({ shadowedBy }: ChainStatusFacts): ChainVerdict {
  if (shadowedBy === undefined) {
    return {
      type: 'Shadowed',
      status: 'False',
      reason: 'NotShadowed',
      message: 'No other chain takes all of its flows.',
    };
  }
  return {
    type: 'Shadowed',
    status: 'True',
    reason: 'ShadowedByChain',
    message: `ServiceChain ${shadowedBy} has precedence and takes every flow of this chain; raise spec.priority, narrow the other or remove one.`,
  };
}

/** The verdict when a function must see every packet. Undefined for a chain that does not ask for the fast path. */
function seesEveryPacket(facts: ChainStatusFacts): ChainVerdict | undefined {
  const { hops, establishedFlows, straight } = facts;
  if (establishedFlows !== 'Straight' || straight === 'Translated') return undefined;
  const names = hops.flatMap(({ label, judgesBeginnings }, index) =>
    judgesBeginnings ? [] : [`functions[${index}] ${label}`],
  );
  if (names.length === 0) return undefined;
  return {
    type: 'Straight',
    status: 'False',
    reason: 'FunctionSeesEveryPacket',
    message: `spec.establishedFlows: Straight is not in force, since ${names.join(', ')} must see every packet; ${adviceFor(hops)}, or set spec.establishedFlows: Through.`,
  };
}

function adviceFor(hops: ChainStatusFacts['hops']): string {
  const balancer = hops.find(({ kind }) => kind === 'LoadBalancer');
  return balancer
    ? `let the chain have ${balancer.label} as its only function and name nothing else in spec.to`
    : 'make it stateful';
}

function goesStraight({ establishedFlows, straight }: ChainStatusFacts): ChainVerdict | undefined {
  if (establishedFlows !== 'Straight') return undefined;
  return {
    type: 'Straight',
    status: 'True',
    reason: 'EstablishedFlowsGoStraight',
    message:
      straight === 'Translated'
        ? 'Flows that the load balancer has placed go straight to their backend, an eighth of a second at a time.'
        : 'Flows that all functions let pass go straight to their destination for seconds at a time.',
  };
}

function notReady(
  reason:
    | 'NotAccepted'
    | 'NotResolved'
    | 'NotProgrammed'
    | 'HopFailedClosed'
    | 'HopSkipped'
    | 'OutsideRefused',
  message: string,
): ChainVerdict {
  return { type: 'Ready', status: 'False', reason, message };
}

function nodesBehind(facts: ChainStatusFacts): NodeFacts[] {
  return facts.nodes.filter((node) => !node.isAway && isBehind(node, facts));
}

function isBehind(node: NodeFacts, { slices }: ChainStatusFacts): boolean {
  return slices.some((slice) => node.reported?.[slice.key] !== slice.generation);
}

function consequence(hop: HopStatusFacts): string {
  return hop.onFailure === 'Open'
    ? 'flows pass without it (onFailure: Open)'
    : 'flows are dropped (onFailure: Closed)';
}
