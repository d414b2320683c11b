// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Reasons of load balancers besides those of all functions; sorted by place, status and reason. */
export const loadBalancerReasons = [
  {
    kind: 'LoadBalancer',
    on: 'Exposed',
    status: 'False',
    reason: 'NoExternalAddress',
    means:
      'The Service of type LoadBalancer has no address: the cluster has no provider of load balancers, or the provider has not assigned one yet.',
    todo: 'Install a provider of load balancers, or use `type: NodePort`.',
  },
  {
    kind: 'LoadBalancer',
    on: 'Exposed',
    status: 'False',
    reason: 'OutsideRefused',
    means:
      'A chain has functions before the load balancer that clients outside cannot pass, so nobody outside is let in; the message names the chain.',
    todo: 'See the condition Ready of the chain.',
  },
  {
    kind: 'LoadBalancer',
    on: 'Exposed',
    status: 'False',
    reason: 'ServicePending',
    means: 'The Service has no node port yet.',
    todo: 'Wait; if it stays so, see the log of the operator.',
  },
  {
    kind: 'LoadBalancer',
    on: 'Exposed',
    status: 'False',
    reason: 'ServiceRefused',
    means: 'The API server refused the Service; the message has its error.',
    todo: 'Correct the field of `spec.expose` that the message names.',
  },
  {
    kind: 'LoadBalancer',
    on: 'Exposed',
    status: 'True',
    reason: 'ServiceReady',
    means: 'Clients outside the network reach the listeners at `status.externalAddresses`.',
    todo: '',
  },
  {
    kind: 'LoadBalancer',
    on: 'Ready',
    status: 'False',
    reason: 'NoBackends',
    means:
      'No backend takes new flows; clients get a reset or an ICMP message at once. The message says why.',
    todo: 'See `status.backends`: start pods that `spec.backends` selects, or find out why their checks fail.',
  },
  {
    kind: 'LoadBalancer',
    on: 'Ready',
    status: 'False',
    reason: 'NoPath',
    means:
      'No path leads to the addresses, so no client reaches the load balancer, and it cannot check its backends.',
    todo: 'Wait until the chain has its path id; if it stays so, see the log of the operator.',
  },
  {
    kind: 'LoadBalancer',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotFound',
    means:
      'The VirtualNetwork that the load balancer names does not exist in its namespace, or has no VNI yet.',
    todo: 'Create the VirtualNetwork, or see its conditions.',
  },
] as const satisfies readonly Row[];
