// SPDX-License-Identifier: Apache-2.0
import { serviceNameOf } from '../../../api/function-names.ts';
import { ownedMetadata } from './metadata.ts';
import type { Desired, WorkloadOwner } from './types.ts';

/** The Service that a workload asks for in its spec. */
export interface Exposure {
  readonly type: 'NodePort' | 'LoadBalancer';
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export interface DesiredService extends Desired {
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface ServicePort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  /** Node port of the listener. Absent: the cluster chooses one. */
  readonly nodePort?: number | undefined;
}

/**
 * The Service in front of a workload. Without `selector` it selects no pods: the operator writes its EndpointSlices.
 */
export function compileService(options: {
  readonly owner: WorkloadOwner;
  readonly expose: Exposure;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
}): DesiredService {
  const { owner, expose, selector, ports } = options;
  const { type, externalTrafficPolicy, annotations } = expose;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      ...ownedMetadata(owner, serviceNameOf(owner.kind, owner.name)),
      ...(annotations ? { annotations } : {}),
    },
    spec: {
      type,
      externalTrafficPolicy,
      ipFamilyPolicy: 'PreferDualStack',
      ...(selector && { selector }),
      ports: ports.map(({ name, protocol, port, nodePort }) => ({
        name,
        protocol,
        port,
        targetPort: port,
        ...(nodePort === undefined ? {} : { nodePort }),
      })),
    },
  };
}
