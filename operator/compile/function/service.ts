import { objectNameOf } from '../../../api/function-names.ts';
import type { LoadBalancerSpec } from '../../../api/index.ts';
import { ownedMetadata, selectorLabels } from './metadata.ts';
import type { Desired, FunctionOwner } from './types.ts';

/** What a function's Service is made from. */
export interface ServiceNeeds {
  readonly expose: NonNullable<LoadBalancerSpec['expose']>;
  readonly listeners: LoadBalancerSpec['listeners'];
}

/** The Service in front of a function's instances: clients outside the network reach the listeners by it. */
export function compileService(owner: FunctionOwner, { expose, listeners }: ServiceNeeds): Desired {
  const metadata = ownedMetadata(owner, objectNameOf(owner.kind, owner.name));
  const nodePorts = new Map((expose.nodePorts ?? []).map(({ listener, port }) => [listener, port]));
  const spec = {
    type: expose.type,
    externalTrafficPolicy: expose.externalTrafficPolicy,
    ipFamilyPolicy: 'PreferDualStack',
    selector: selectorLabels(owner),
    ports: listeners.map(({ name, protocol, port }) => {
      const nodePort = nodePorts.get(name);
      return { name, protocol, port, targetPort: port, ...(nodePort === undefined ? {} : { nodePort }) };
    }),
  };
  const { annotations } = expose;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, ...(annotations ? { annotations } : {}) },
    spec,
  } as Desired;
}
