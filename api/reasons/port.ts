// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Reasons of Ports; sorted by place, status and reason. */
export const portReasons = [
  {
    kind: 'Port',
    on: 'Accepted',
    status: 'False',
    reason: 'Evicted',
    means:
      'The network admits pods of this namespace no longer, and its `spec.attach.evict` is true. The interface is removed from the pod, then the Port is deleted.',
    todo: 'Ask the owner of the network to admit the namespace, or remove the network from the annotation of the pod.',
  },
  {
    kind: 'Port',
    on: 'Accepted',
    status: 'False',
    reason: 'NetworkDeleting',
    means:
      'The network is being deleted, and the time for pods of other namespaces (`spec.attach.leaveSeconds`) is over. The interface is removed from the pod, then the Port is deleted.',
    todo: 'Use another network.',
  },
  {
    kind: 'Port',
    on: 'Accepted',
    status: 'True',
    reason: 'ClaimHolds',
    means: 'The addresses, the MAC and the instance id of this Port belong to it alone.',
    todo: '',
  },
  {
    kind: 'Port',
    on: 'Ready',
    status: 'False',
    reason: 'Detached',
    means:
      'The pod has no interface on its node: not yet, or no longer. When the pod has ended, its addresses may be allocated again.',
    todo: '',
  },
  {
    kind: 'Port',
    on: 'Ready',
    status: 'False',
    reason: 'InterfaceInUse',
    means:
      'The pod has another interface of the name of `spec.interface`, which Heddle has not made: of another CNI, for example.',
    todo: 'Create the pod again with another name in the annotation, `shop@net2`.',
  },
  {
    kind: 'Port',
    on: 'Ready',
    status: 'False',
    reason: 'PodStartedWithout',
    means: 'The pod started while the agent could not be asked, and its interface cannot be attached now.',
    todo: 'Read the log of the agent on the node; delete the pod if it must not run without the interface.',
  },
  {
    kind: 'Port',
    on: 'Ready',
    status: 'True',
    reason: 'Attached',
    means: 'The interface is in the pod and programmed on its node.',
    todo: '',
  },
  {
    kind: 'Port',
    on: 'Ready',
    status: 'True',
    reason: 'AttachedLate',
    means:
      'The interface is in the pod and programmed on its node, and came after a container of the pod had started, since the agent could not be asked then.',
    todo: 'Create the pod again if a process of it looked for the interface when it started.',
  },
] as const satisfies readonly Row[];
