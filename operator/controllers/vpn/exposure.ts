// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../../../api/key.ts';
import type { Writer } from '../../../kube/apply.ts';
import { resources } from '../../../kube/resource.ts';
import type { Ensurer } from '../../apply/ensure.ts';
import { prune } from '../../apply/prune.ts';
import { compileEndpointSlices, compileVpnService } from '../../compile/vpn/service.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';
import { applyService } from '../workload/service.ts';
import { activePodOf } from './prefixes.ts';

/**
 * Applies the Service in front of the gateways and its EndpointSlices with the active gateway; removes them when the
 * spec asks for none. Returns the API server's message when it refused the Service.
 */
export async function applyExposure(options: {
  readonly stores: Stores;
  readonly writer: Writer;
  readonly ensurer: Ensurer;
  readonly decided: DecidedVpn;
  readonly active: string | undefined;
}): Promise<string | undefined> {
  const { stores, writer, ensurer, decided, active } = options;
  const { vpn } = decided;
  const { namespace } = vpn.metadata;
  // The EndpointSlices come first, because one write moves all new flows. The Service seldom changes.
  const slices = compileEndpointSlices(vpn, activePodOf(stores, vpn, active));
  for (const object of slices) {
    const stored = stores.endpointSlices.get(joinKey(namespace, object.metadata.name));
    await ensurer.ensure({ resource: resources.endpointSlices, object, stored });
  }
  const service = compileVpnService(vpn);
  const refusal = await applyService({ stores, writer, ensurer, owner: ownerOf(vpn), service });
  if (!service) {
    const behind = [...stores.endpointSlices.values()].filter((each) => isOwned(each, vpn));
    await prune({ writer, resource: resources.endpointSlices, stored: behind, wanted: new Set() });
  }
  return refusal;
}
