// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { describeNode } from '../node.ts';
import { describeLimit, isAcceptable } from './accepted.ts';
import type { ChainStatusFacts, ChainVerdict, NodeFacts } from './facts.ts';

/** The checks of the condition Programmed. */

export function isWhole({ exceeded }: ChainStatusFacts): ChainVerdict | undefined {
  if (exceeded === undefined) return undefined;
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'LimitExceeded',
    message: `${describeLimit(exceeded)} The chain stays on the nodes with the addresses that it has there, and new pods that it selects do not start. Remove or narrow chains, or have the limit raised.`,
  };
}

export function isTaken({ slicesRefusal, slices }: ChainStatusFacts): ChainVerdict | undefined {
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

export function isCompiled(facts: ChainStatusFacts): ChainVerdict | undefined {
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
  if (!isAcceptable(facts)) return 'the condition Accepted says why';
  if (facts.network.state !== 'Usable') return 'the condition ResolvedRefs says what is missing';
  return 'it follows as soon as the status has the path id';
}

export function isInKernels(facts: ChainStatusFacts): ChainVerdict | undefined {
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

export function isProgrammed(facts: ChainStatusFacts): ChainVerdict {
  const away = facts.nodes.filter((node) => node.isAway && isBehind(node, facts)).map(({ name }) => name);
  const count = facts.nodes.length - away.length;
  const reported =
    count === 0
      ? 'No node has a pod or an instance of the chain.'
      : `On ${count} ${count === 1 ? 'node' : 'nodes'}.`;
  const missing = away.length > 0 ? ` Not on ${nameSome(away)}, which the others cannot reach.` : '';
  return { type: 'Programmed', status: 'True', reason: 'NodesReported', message: `${reported}${missing}` };
}

function nodesBehind(facts: ChainStatusFacts): NodeFacts[] {
  return facts.nodes.filter((node) => !node.isAway && isBehind(node, facts));
}

function isBehind(node: NodeFacts, { slices }: ChainStatusFacts): boolean {
  return slices.some((slice) => node.reported?.[slice.key] !== slice.generation);
}
