import type { HopFacts, InstanceFacts } from '../../compile/chain/hops.ts';
import type { FunctionRef } from '../../compile/chain/types.ts';
import { functionValue } from '../../observe/keys.ts';
import type { Stores } from '../../observe/stores.ts';
import { isAccepted, isReady } from './members.ts';

type Seen = Pick<Stores, 'firewalls' | 'ports' | 'pods'>;

/** A function that a chain of `namespace` names, and what exists of it. */
export function observeHop(stores: Seen, namespace: string, ref: FunctionRef): HopFacts {
  const desired = observeDesired(stores, namespace, ref);
  return {
    ref,
    found: desired === undefined ? undefined : { desired },
    instances: observeInstances(stores, namespace, ref),
  };
}

/** How many instances a function wants; undefined when it does not exist or is about to be gone. */
function observeDesired(stores: Seen, namespace: string, ref: FunctionRef): number | undefined {
  switch (ref.kind) {
    case 'Firewall': {
      const firewall = stores.firewalls.get(`${namespace}/${ref.name}`);
      return firewall?.metadata.deletionTimestamp ? undefined : firewall?.spec.replicas;
    }
  }
}

function observeInstances(stores: Seen, namespace: string, ref: FunctionRef): InstanceFacts[] {
  return stores.ports.byIndex('function', functionValue(namespace, ref)).flatMap((port) => {
    const pod = stores.pods.get(`${namespace}/${port.spec.pod.name}`);
    if (port.spec.instance === undefined || pod?.metadata.uid !== port.spec.pod.uid) return [];
    return [
      {
        id: port.spec.instance,
        node: port.spec.node,
        portAccepted: isAccepted(port),
        portReady: isReady(port),
        podReady: pod.status.ready,
        leaving: Boolean(pod.metadata.deletionTimestamp ?? port.metadata.deletionTimestamp),
      },
    ];
  });
}
