// SPDX-License-Identifier: Apache-2.0
import type { ChainStatusFacts, ChainVerdict } from './facts.ts';

/** The checks of the condition Straight. */

/** The verdict when a function must see every packet. Undefined for a chain that does not ask for the fast path. */
export function seesEveryPacket(facts: ChainStatusFacts): ChainVerdict | undefined {
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
  if (balancer?.drainsAddresses)
    return `wait until the flows to former addresses of ${balancer.label} have drained`;
  return balancer
    ? `let the chain have ${balancer.label} as its only function and name nothing else in spec.to`
    : 'make it stateful';
}

export function goesStraight({ establishedFlows, straight }: ChainStatusFacts): ChainVerdict | undefined {
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
