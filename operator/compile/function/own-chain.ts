// SPDX-License-Identifier: Apache-2.0
import { apiVersion, type ServiceChainSpec } from '../../../api/index.ts';
import { ownedMetadata } from '../workload/metadata.ts';
import type { Desired, Owner } from '../workload/types.ts';

/** Behind every chain that a person writes: it takes what no other chain leads to the function. */
export const OWN_CHAIN_PRIORITY = -1;

/** Name of the chain that the operator makes for a function. */
export function ownChainNameOf(name: string): string {
  return `${name}.lb`;
}

type OwnSpec = Pick<ServiceChainSpec, 'network' | 'priority' | 'to' | 'functions' | 'establishedFlows'>;

/**
 * The chain of a load balancer that is used alone: everything that goes to its addresses. Path id, slices, health and
 * states of hops are then what they are for every chain.
 */
export function compileOwnChain(owner: Owner, network: string): Desired & { readonly spec: OwnSpec } {
  const { name } = owner;
  const spec: OwnSpec = {
    network,
    priority: OWN_CHAIN_PRIORITY,
    to: [{ loadBalancer: name }],
    functions: [{ kind: 'LoadBalancer', name, onFailure: 'Closed' }],
    establishedFlows: 'Straight',
  };
  return {
    apiVersion,
    kind: 'ServiceChain',
    metadata: ownedMetadata(owner, ownChainNameOf(name)),
    spec,
  };
}
