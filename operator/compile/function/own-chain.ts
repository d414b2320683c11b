// SPDX-License-Identifier: Apache-2.0
import { apiVersion, type ServiceChainSpec } from '../../../api/index.ts';
import { NAME_LENGTH, shorten } from '../../../api/shorten.ts';
import { ownedMetadata } from '../workload/metadata.ts';
import type { Desired, Owner } from '../workload/types.ts';

/**
 * Priority of the chain that the operator makes for a load balancer. It is below every priority that users can set,
 * so it takes only flows that no other chain takes.
 */
export const OWN_CHAIN_PRIORITY = -1;

/** Name of the chain that the operator makes for a function: `NAME.lb`, the name shortened where that is too long. */
export function ownChainNameOf(name: string): string {
  return `${shorten(name, NAME_LENGTH - '.lb'.length)}.lb`;
}

type OwnSpec = Pick<ServiceChainSpec, 'network' | 'priority' | 'to' | 'functions' | 'establishedFlows'>;

/**
 * Compiles the chain of a load balancer that is used alone: it takes all flows to the addresses of the load balancer.
 * So path id, slices and status are the same as for every other chain.
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
