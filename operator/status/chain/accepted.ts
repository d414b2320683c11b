// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { ChainStatusFacts, ChainVerdict, HopStatusFacts } from './facts.ts';

/** The checks of the conditions Accepted and ResolvedRefs. */

/** A chain that has nothing on the nodes yet is not accepted; another one goes on as it is on the nodes. */
export function isWithinLimits({ exceeded, slices }: ChainStatusFacts): ChainVerdict | undefined {
  if (exceeded === undefined || slices.length > 0) return undefined;
  const consequence = 'The chain takes no traffic.';
  return {
    type: 'Accepted',
    status: 'False',
    reason: 'LimitExceeded',
    message: `${describeLimit(exceeded)} ${consequence} Remove or narrow chains, or have the limit raised.`,
  };
}

/** The limit of the chart that a chain exceeds, in a sentence. */
export function describeLimit({ limit, most, wanted }: NonNullable<ChainStatusFacts['exceeded']>): string {
  switch (limit) {
    case 'chainsPerNamespace':
      return `The namespace has ${wanted} chains, and may have ${most} (the chart's limits.${limit}); the older ones count first.`;
    case 'entriesPerNetwork':
      return `With this chain, the chains of the network would need at least ${wanted} entries in the maps of a node, and may have ${most} (the chart's limits.${limit}).`;
  }
}

/** Whether the chain is accepted, as its condition Accepted says. */
export function isAcceptable(facts: ChainStatusFacts): boolean {
  return facts.pathId !== undefined && isWithinLimits(facts) === undefined;
}

export function hasPathId({ pathId }: ChainStatusFacts): ChainVerdict {
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

export function findsNetwork({ network, namespace }: ChainStatusFacts): ChainVerdict | undefined {
  if (network.state !== 'Missing') return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotFound',
    message: `spec.network: there is no VirtualNetwork ${namespace}/${network.name}; create it, or create the chain again with the right name. Until then the chain takes no traffic.`,
  };
}

export function acceptsNetwork({ network, namespace }: ChainStatusFacts): ChainVerdict | undefined {
  if (network.state !== 'NotAccepted') return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotAccepted',
    message: `spec.network: VirtualNetwork ${namespace}/${network.name} has no VNI yet; its condition Accepted says why.`,
  };
}

export function findsFunctions({ hops, namespace }: ChainStatusFacts): ChainVerdict | undefined {
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

export function usesAll({ problems }: ChainStatusFacts): ChainVerdict | undefined {
  if (problems.length === 0) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'ReferenceNotUsable',
    message: `${nameSome(problems.map(({ field, message }) => `${field}: ${message}`))}.`,
  };
}

export function resolvesAll(): ChainVerdict {
  return {
    type: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    message: 'The network and all functions exist.',
  };
}

function consequence(hop: HopStatusFacts): string {
  return hop.onFailure === 'Open'
    ? 'flows pass without it (onFailure: Open)'
    : 'flows are dropped (onFailure: Closed)';
}
