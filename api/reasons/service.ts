// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Reasons of Services that name what is on a network; sorted by place, status and reason. */
export const serviceReasons = [
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'ClusterAddress',
    means:
      'Addresses that the Service would name are the cluster’s too (services, pods or nodes): the network hides the cluster there (`spec.routes.clusterRanges: Allow`). They are left out, because whoever is not on the network would reach the cluster at them.',
    todo: 'Give the pods or the load balancer addresses that the cluster does not use.',
  },
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'InvalidAnnotation',
    means:
      'An annotation heddle.dev/network, heddle.dev/pods or heddle.dev/load-balancer of the Service is missing, one too many, or cannot be understood; the message names it. The Service has no names.',
    todo: 'Correct the annotation; the names come by themselves.',
  },
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'InvalidSpec',
    means:
      'The Service is not headless, has a selector, or names a port by its name; the message has the field. It has no names.',
    todo: 'Correct the field, or remove the annotations heddle.dev/ if the Service is not for a network.',
  },
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'LimitExceeded',
    means:
      'The namespace has more Services with names on networks than the chart’s `limits.namedServicesPerNamespace` allows. The oldest ones have names, and those that had them keep them.',
    todo: 'Delete such Services, or have the limit raised; the names come by themselves.',
  },
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'LoadBalancerNotFound',
    means:
      'The annotation heddle.dev/load-balancer names no load balancer of the Service’s namespace, or one of another network. The Service has no names.',
    todo: 'Create the load balancer, or correct heddle.dev/load-balancer or heddle.dev/network.',
  },
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'NamespaceNotAllowed',
    means:
      'The network does not let pods of this namespace join (`spec.attach`), and nothing of it is named here either.',
    todo: 'Allow the namespace in the network, or use a network of the Service’s own namespace.',
  },
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'NetworkNotFound',
    means:
      'The annotation heddle.dev/network names a VirtualNetwork that does not exist. The Service has no names.',
    todo: 'Create the network or correct the annotation; the names come by themselves.',
  },
  {
    kind: 'Service',
    on: 'Event',
    status: 'Warning',
    reason: 'SliceTaken',
    means:
      'Another program or a person has an EndpointSlice of the name that one of this Service needs. Heddle leaves it alone.',
    todo: 'Delete the EndpointSlice that the message names.',
  },
] as const satisfies readonly Row[];
