// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Reasons of ServiceChains; sorted by place, status and reason. */
export const serviceChainReasons = [
  {
    kind: 'ServiceChain',
    on: 'Accepted',
    status: 'False',
    reason: 'LimitExceeded',
    means:
      'With this chain its namespace or its network would exceed one of the chart’s `limits`; the message names the limit and both figures. The chain is not compiled.',
    todo: 'Remove or narrow chains, or have the limit raised; the chain is then compiled by itself.',
  },
  {
    kind: 'ServiceChain',
    on: 'Accepted',
    status: 'False',
    reason: 'PathIdsExhausted',
    means: 'All 65535 path ids are in use by other chains.',
    todo: 'Remove chains that are not needed; the chain gets its id by itself.',
  },
  {
    kind: 'ServiceChain',
    on: 'Accepted',
    status: 'True',
    reason: 'Valid',
    means: 'The chain is valid and has its path id.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Event',
    status: 'Normal',
    reason: 'HopReturned',
    means: 'A function of the chain takes flows again.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Event',
    status: 'Warning',
    reason: 'HopFailedClosed',
    means:
      'A function with `onFailure: Closed` has no instance that takes flows; the flows of the chain are dropped.',
    todo: 'Do what the message says about each instance.',
  },
  {
    kind: 'ServiceChain',
    on: 'Event',
    status: 'Warning',
    reason: 'HopSkipped',
    means:
      'A function with `onFailure: Open` has no instance that takes flows; the flows of the chain pass without it.',
    todo: 'Do what the message says about each instance.',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'False',
    reason: 'LimitExceeded',
    means:
      'With all pods that the chain selects, its network would exceed one of the chart’s `limits`; the message names the limit and both figures. The chain goes on for the addresses that it has on the nodes; new pods that it selects do not start.',
    todo: 'Remove or narrow chains, or have the limit raised.',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'False',
    reason: 'NodesBehind',
    means:
      'Some nodes with Ports or instances of the chain have not yet reported its slices at their current generation.',
    todo: 'Wait; if it stays so, look at the agent of the nodes that the message names.',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'False',
    reason: 'NotCompiled',
    means: 'The chain is not programmed on any node: its network or its path id is missing.',
    todo: 'See the condition that the message names.',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'False',
    reason: 'SlicesRefused',
    means:
      'A quota, a policy or a webhook refuses the ChainSlices, by which nodes learn of the chain. The nodes keep what they have of it.',
    todo: 'Do what the message says; the operator tries again every 10 s.',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'True',
    reason: 'NodesReported',
    means:
      'Every node with a Port of `from` or `to` or an instance of the functions has the chain in the kernel; the message names nodes that the others cannot reach.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'HopFailedClosed',
    means:
      'A function with `onFailure: Closed` has no instance that takes flows; the flows of the chain are dropped. Other functions may be skipped at the same time.',
    todo: 'Do what the message says about each instance.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'HopSkipped',
    means:
      'A function with `onFailure: Open` has no instance that takes flows; the flows of the chain pass without it.',
    todo: 'Do what the message says about each instance.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'NotAccepted',
    means: 'The condition Accepted is not True.',
    todo: 'See the condition Accepted.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'NotProgrammed',
    means: 'The condition Programmed is not True.',
    todo: 'See the condition Programmed.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'NotResolved',
    means: 'The condition ResolvedRefs is not True.',
    todo: 'See the condition ResolvedRefs.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'OutsideRefused',
    means:
      'The chain has functions before a load balancer with `spec.expose`, and clients outside the network cannot pass them. Nobody outside is let in; clients on the network pass the chain.',
    todo: 'Let the chain have at most 15 functions, and one load balancer with `spec.expose`.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'True',
    reason: 'HopDegraded',
    means:
      'The chain works; a function has fewer instances that take flows than it wants, or a node cannot reach one of them.',
    todo: 'Do what the message says about each instance.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'True',
    reason: 'Ready',
    means: 'Flows of the chain go through all of its functions.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'FunctionNotFound',
    means:
      'A function that the chain names does not exist. `onFailure` of that hop applies to the traffic of the chain.',
    todo: 'Create the function, or correct `functions[]`.',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotAccepted',
    means: 'The network exists and has no VNI yet; its condition Accepted says why.',
    todo: 'Correct the network; the chain then continues by itself.',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotFound',
    means: 'The VirtualNetwork that the chain names does not exist in its namespace.',
    todo: 'Create the network, or correct `spec.network`.',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'ReferenceNotUsable',
    means:
      'A load balancer that the chain names does not exist, has no address yet, or is on another network; the message names the field.',
    todo: 'Create it, correct the name, or see the conditions of the load balancer.',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    means: 'Everything that the chain names exists.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Shadowed',
    status: 'False',
    reason: 'NotShadowed',
    means: 'No single chain of higher precedence takes all flows of this chain.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Shadowed',
    status: 'True',
    reason: 'ShadowedByChain',
    means:
      'A chain of higher precedence takes every flow that this chain would take, so this chain gets no packet.',
    todo: 'Raise `spec.priority`, narrow the other chain, or remove one of the two.',
  },
  {
    kind: 'ServiceChain',
    on: 'Straight',
    status: 'False',
    reason: 'FunctionSeesEveryPacket',
    means:
      'The chain asks for the fast path of established flows, but one of its functions must see every packet. So all packets pass the functions.',
    todo: 'Set `stateful: true` on the firewall that the message names, or use a load balancer as the only function and name only it in `spec.to`, or set `spec.establishedFlows: Through`.',
  },
  {
    kind: 'ServiceChain',
    on: 'Straight',
    status: 'True',
    reason: 'EstablishedFlowsGoStraight',
    means:
      'Flows that all functions have accepted use the fast path to their destination for some time; the functions do not see those packets.',
    todo: '',
  },
] as const satisfies readonly Row[];
