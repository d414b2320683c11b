// SPDX-License-Identifier: Apache-2.0
import { annotations, apiVersion, heddle, labels, type Port } from '../../../api/index.ts';
import { staticUidOf } from '../../../api/static-pod.ts';
import type { Pod } from '../../observe/stores.ts';
import { claimOf } from './claim.ts';
import { portNameOf } from './names.ts';
import type { PortPlan } from './types.ts';

/** The fields that differ among the Ports of one pod. */
type OwnSpec = Omit<Port['spec'], 'pod' | 'node' | 'interface'>;

/** Plans a Port of a pod: the object to create, and its claim. */
export function planPort(
  pod: Pod,
  own: { interface: string; labels: Readonly<Record<string, string>>; spec: OwnSpec },
): PortPlan {
  const { name, namespace, uid } = pod.metadata;
  const staticUid = staticUidOf(pod.metadata);
  const port: Port = {
    apiVersion,
    kind: 'Port',
    metadata: {
      name: portNameOf({ name, uid }, own.interface),
      namespace,
      labels: { [labels.name]: heddle, ...own.labels },
      ...(staticUid === undefined ? {} : { annotations: { [annotations.staticUid]: staticUid } }),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }],
    },
    spec: { pod: { name, uid }, node: pod.spec.nodeName ?? '', interface: own.interface, ...own.spec },
  };
  return { port, claim: claimOf(port) };
}
