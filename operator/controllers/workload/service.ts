// SPDX-License-Identifier: Apache-2.0
import { serviceNameOf } from '../../../api/function-names.ts';
import type { Writer } from '../../../kube/apply.ts';
import { resources } from '../../../kube/resource.ts';
import type { Ensurer } from '../../apply/ensure.ts';
import { prune } from '../../apply/prune.ts';
import type { DesiredService } from '../../compile/workload/service.ts';
import type { WorkloadOwner } from '../../compile/workload/types.ts';
import type { Service, Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';
import { refusalOf } from './refusal.ts';

/**
 * Applies the Service of a workload, or deletes it when none is wanted. Returns the API server's message when it
 * refused the Service, for example because a node port is in use or out of range, or because of a quota. The status
 * shows it, and the pass continues.
 */
export async function applyService(options: {
  readonly stores: Pick<Stores, 'services'>;
  readonly writer: Writer;
  readonly ensurer: Ensurer;
  readonly owner: WorkloadOwner;
  readonly service: DesiredService | undefined;
}): Promise<string | undefined> {
  const { stores, writer, ensurer, owner, service } = options;
  const stored = storedServiceOf(stores, owner);
  if (!service) {
    const superfluous = stored && isOwned(stored, { metadata: owner }) ? [stored] : [];
    await prune({ writer, resource: resources.services, stored: superfluous, wanted: new Set() });
    return undefined;
  }
  return refusalOf(() => ensurer.ensure({ resource: resources.services, object: service, stored }));
}

/** The object that has the name of a workload's Service, whoever owns it. */
export function storedServiceOf(
  stores: Pick<Stores, 'services'>,
  owner: Pick<WorkloadOwner, 'kind' | 'namespace' | 'name'>,
): Service | undefined {
  return stores.services.get(`${owner.namespace}/${serviceNameOf(owner.kind, owner.name)}`);
}

/** Addresses or names that the cluster's own load balancer gave a Service, in the order of its status. */
export function ingressOf(service: Service | undefined): readonly string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
}
