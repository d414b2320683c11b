// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Reasons of pods; sorted by place, status and reason. */
export const podReasons = [
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Normal',
    reason: 'AddressAwaited',
    means:
      'The annotation asks for an address or a MAC of a pod that is ending. The pod starts by itself when that pod is gone.',
    todo: '',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Normal',
    reason: 'NetworkLeftToOthers',
    means:
      'The annotation k8s.v1.cni.cncf.io/networks names networks of another CNI: a NetworkAttachmentDefinition has the name and no VirtualNetwork has it. Heddle does nothing with them.',
    todo: 'To join a VirtualNetwork, correct the name, or write heddle.dev/networks.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Normal',
    reason: 'RoutesChanged',
    means:
      'The routes of the pod on a network of another namespace changed: the network got or lost a range that the pod accepts or had when it joined, or the annotation heddle.dev/accept-routes changed.',
    todo: '',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Normal',
    reason: 'RoutesNotAccepted',
    means:
      'A network of another namespace got ranges after the pod had joined. They are not routed in the pod, because it does not accept them.',
    todo: 'To accept them, set the annotation heddle.dev/accept-routes of the pod to these ranges or to `all`.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'AddressInUse',
    means: 'The annotation asks for an address or a MAC that another Port of the network holds.',
    todo: 'Ask for another, leave it out, or remove the pod that the message names. In a Deployment, a fixed address needs `replicas: 1` and `strategy: {type: Recreate}`.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'AddressNotAllowed',
    means:
      'The annotation asks for an address that the network cannot give: outside its subnets, reserved, or the network or broadcast address of a subnet.',
    todo: 'Ask for an address inside a subnet of the network, or leave `ips` out.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'Detached',
    means:
      'The pod lost its interface on a network of another namespace: the network evicts pods that it admits no longer, or it is being deleted and the time for its guests is over.',
    todo: 'Ask the owner of the network to admit the namespace, or use another network.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'FunctionNotFound',
    means: 'The label heddle.dev/function of the pod names no function of its namespace.',
    todo: 'Remove the label (it is the operator’s own), or create the function.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'HostNetworkRefused',
    means:
      'The pod does not start: it asks for an interface and uses the network of its node, so it has no network namespace of its own.',
    todo: 'Remove `hostNetwork: true` or the networks annotation.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InstancesExhausted',
    means: 'All 65535 instance ids are in use by function pods.',
    todo: 'Reduce the replicas of functions; an id is free again when its pod is gone.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InterfaceInUse',
    means:
      'The pod has another interface of the wanted name, which Heddle has not made: of another CNI, for example. So it does not get this one.',
    todo: 'Create the pod again with another name in the annotation, `shop@net2`.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InterfaceKept',
    means: 'The annotation was changed after the interface was made; the pod keeps its interface.',
    todo: 'Create the pod again, or restore the annotation.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InvalidAcceptRoutes',
    means:
      'The annotation heddle.dev/accept-routes of the pod is neither `all` nor a list of CIDRs with commas between them; the message says what is wrong.',
    todo: 'Correct or remove the annotation; until then the pod accepts nothing.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InvalidAnnotation',
    means:
      'The annotation k8s.v1.cni.cncf.io/networks or heddle.dev/networks cannot be understood; the message names the element.',
    todo: 'Correct the annotation; the pod starts by itself.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InvalidWeight',
    means:
      'The annotation heddle.dev/weight of an instance is not a whole number of 0..256; the instance counts with 100.',
    todo: 'Correct or remove the annotation.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NamespaceNotAllowed',
    means: 'The network does not let pods of this namespace join (`spec.attach`).',
    todo: 'Allow the namespace in the network, or use a network of the pod’s own namespace.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NetworkDeleting',
    means: 'The network is being deleted and takes no new pods.',
    todo: 'Use another network, or wait until it is gone and create it again.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NetworkNotAccepted',
    means: 'The network exists and is not accepted; its condition Accepted says why.',
    todo: 'Correct the network; the pod then starts by itself.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NetworkNotFound',
    means:
      'The annotation names a VirtualNetwork that does not exist, and no NetworkAttachmentDefinition has the name either.',
    todo: 'Create the network or correct the name; the pod starts by itself.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NotAnInstance',
    means:
      'The pod has the labels or the annotation of an instance or of a gateway, and no Deployment of Heddle made it. It takes no part in chains.',
    todo: 'Remove the labels heddle.dev/function and heddle.dev/gateway and the annotation heddle.dev/chain-interface. For more instances raise `replicas` of the function.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'QuotaExceeded',
    means:
      'The pod asks for more addresses or interfaces than it or its namespace may have: by the chart’s `limits`, or by `spec.attach.quota` of the network. The message names the limit and what is in use.',
    todo: 'Ask for fewer, remove other pods of the namespace, or have the limit raised; the pod then starts by itself.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'StartedBeforeInterface',
    means:
      'A container of the pod started while the agent could not be asked. The interface was attached afterwards.',
    todo: 'Create the pod again if a process of it looked for the interface when it started.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'StartedWithoutInterface',
    means:
      'The pod runs without an interface that it asks for, and cannot have it now: it started while the agent could not be asked, or has lost the interface since. It cannot reach the destinations of that network (`agent.startedWithout` of the chart).',
    todo: 'Correct what the message names, or delete the pod.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'SubnetExhausted',
    means: 'Every subnet of one address family of the network is full.',
    todo: 'Add a subnet to the network or remove pods; the waiting pods start by themselves.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'SubnetNotRouted',
    means:
      'The pod would get an address that is the cluster’s in it: the subnets of one address family of the network overlap the cluster’s own ranges (services, pods, nodes), so that they are not routed into pods, or not into pods of other namespaces.',
    todo: 'Use another subnet. If pods of this network shall reach the network in place of the cluster there, set `spec.routes.clusterRanges: Allow` in the network; the pod then starts by itself.',
  },
] as const satisfies readonly Row[];
