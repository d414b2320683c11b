// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { type Check, firstVerdicts } from '../first-verdicts.ts';
import {
  acceptsNetwork,
  findsFunctions,
  findsNetwork,
  hasPathId,
  isAcceptable,
  isWithinLimits,
  resolvesAll,
  usesAll,
} from './accepted.ts';
import type { ChainStatusFacts, ChainVerdict } from './facts.ts';
import { describeFailure, describeHop, failedHops } from './failures.ts';
import { reportHop } from './hops.ts';
import { isCompiled, isInKernels, isProgrammed, isTaken, isWhole } from './programmed.ts';
import { goesStraight, seesEveryPacket } from './straight.ts';

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

function isAccepted(facts: ChainStatusFacts): ChainVerdict | undefined {
  if (isAcceptable(facts)) return undefined;
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
