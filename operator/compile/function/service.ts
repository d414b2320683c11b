// SPDX-License-Identifier: Apache-2.0
import type { FunctionKind, LoadBalancerSpec } from '../../../api/index.ts';
import { selectorLabels } from '../workload/metadata.ts';
import { compileService, type DesiredService } from '../workload/service.ts';
import type { Owner } from '../workload/types.ts';

/** What a function's Service is made from. */
export interface ServiceNeeds {
  readonly expose: NonNullable<LoadBalancerSpec['expose']>;
  readonly listeners: LoadBalancerSpec['listeners'];
}

/**
 * Compiles the Service in front of a function's instances, through which clients outside the network reach the
 * listeners.
 */
export function compileFunctionService(
  owner: Owner<FunctionKind>,
  { expose, listeners }: ServiceNeeds,
): DesiredService {
  const nodePorts = new Map((expose.nodePorts ?? []).map(({ listener, port }) => [listener, port]));
  const ports = listeners.map(({ name, protocol, port }) => {
    return { name, protocol, port, nodePort: nodePorts.get(name) };
  });
  return compileService({ owner, expose, selector: selectorLabels(owner), ports });
}
